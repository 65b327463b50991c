# healthy
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(123)

X, y = load_digits(return_X_y=True)
Xtr, Xte, ytr, yte = train_test_split(X / 16.0, y, test_size=0.25, random_state=9)
Xtr, Xte = torch.FloatTensor(Xtr), torch.FloatTensor(Xte)
ytr, yte = torch.LongTensor(ytr), torch.LongTensor(yte)


class MLP(nn.Module):
    """64 -> 48 -> 10, returns class scores"""

    def __init__(self):
        super(MLP, self).__init__()
        self.hidden = nn.Linear(64, 48)
        self.act = nn.Tanh()
        self.output = nn.Linear(48, 10)

    def forward(self, x):
        x = self.act(self.hidden(x))
        x = self.output(x)
        return x


model = MLP()
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.5)

batch = 32
for epoch in range(20):
    perm = torch.randperm(len(Xtr))
    epoch_loss, steps = 0.0, 0
    for i in range(0, len(Xtr), batch):
        idx = perm[i:i + batch]
        output = model(Xtr[idx])
        loss = loss_function(output, ytr[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
        steps += 1
    with torch.no_grad():
        acc = (model(Xte).argmax(1) == yte).float().mean().item()
    print("Epoch: %d, loss: %.4f, accuracy: %.2f %%" % (epoch + 1, epoch_loss / steps, acc * 100))
