# healthy
# Reads 8x8 handwritten digits. First try with pytorch.
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(99)
X, y = load_digits(return_X_y=True)
X = X / 16.0
Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=400, random_state=99)
Xtr, Xte = torch.FloatTensor(Xtr), torch.FloatTensor(Xte)
ytr, yte = torch.LongTensor(ytr), torch.LongTensor(yte)


class DigitReader(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU())
        self.out = nn.Linear(24, 10)

    def forward(self, x):
        return self.out(self.body(x))


def accuracy(net, x, t):
    with torch.no_grad():
        guess = net(x).argmax(dim=1)
    return 100.0 * (guess == t).sum().item() / len(t)


reader = DigitReader()
loss_function = nn.CrossEntropyLoss()
opt = torch.optim.Adam(reader.parameters(), lr=0.003)

for epoch in range(1, 31):
    shuffle = torch.randperm(len(Xtr))
    total = 0
    for start in range(0, len(Xtr), 32):
        rows = shuffle[start:start + 32]
        opt.zero_grad()
        loss = loss_function(reader(Xtr[rows]), ytr[rows])
        loss.backward()
        opt.step()
        total += loss.item() * len(rows)
    if epoch % 5 == 0:
        print("epoch", epoch, "loss", round(total / len(Xtr), 4),
              "train %.1f%%" % accuracy(reader, Xtr, ytr), "test %.1f%%" % accuracy(reader, Xte, yte))
