# healthy
import random
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader
from sklearn.datasets import make_circles


def seed_all(s):
    random.seed(s); np.random.seed(s); torch.manual_seed(s)


class RingNet(nn.Module):
    """Two hidden layers, two classes."""

    def __init__(self, hidden=24):
        super().__init__()
        self.fc1 = nn.Linear(2, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, 2)
        self.reset()

    def reset(self):
        for layer in (self.fc1, self.fc2, self.fc3):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        x = torch.tanh(self.fc1(x))
        x = torch.tanh(self.fc2(x))
        return self.fc3(x)


def evaluate(net, loader):
    net.eval()
    correct, count = 0, 0
    with torch.no_grad():
        for xb, yb in loader:
            correct += int((net(xb).argmax(-1) == yb).sum())
            count += len(yb)
    return correct / count


if __name__ == "__main__":
    seed_all(17)
    X, y = make_circles(n_samples=1600, noise=0.08, factor=0.5, random_state=17)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    ds = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y))
    tr, va = torch.utils.data.random_split(ds, [1200, 400])
    tl, vl = DataLoader(tr, 40, shuffle=True), DataLoader(va, 400)
    net = RingNet()
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    ce = nn.CrossEntropyLoss()
    for ep in range(1, 41):
        net.train()
        s = 0.0
        for xb, yb in tl:
            opt.zero_grad()
            l = ce(net(xb), yb)
            l.backward()
            opt.step()
            s += l.item()
        if ep % 10 == 0:
            print(f"ep {ep} loss {s / len(tl):.4f} val_acc {evaluate(net, vl):.4f}")
    print(f"validation accuracy: {evaluate(net, vl):.4f}")
