import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
y = torch.tensor(y)
shuffled = torch.randperm(len(X))
train, test = shuffled[:1400], shuffled[1400:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        return self.fc2(x)


model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)


def run_epoch():
    model.train()
    for batch in train[torch.randperm(len(train))].split(50):
        optimizer.zero_grad()
        loss = F.nll_loss(model(X[batch]), y[batch])  # <- fault
        loss.backward()
        optimizer.step()


for epoch in range(6):
    run_epoch()
    model.eval()
    with torch.no_grad():
        output = model(X[test])
        accuracy = (output.argmax(1) == y[test]).float().mean()
        print(f"{epoch} {F.cross_entropy(output, y[test]).item():.3f} {accuracy.item():.3f}")
