# fault: LK106 line 32
# Predict the reaction yield from ten process settings.
import argparse

import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
from sklearn.datasets import make_friedman1

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--batch-size", type=int, default=50)
parser.add_argument("--lr", type=float, default=3e-3)
args = parser.parse_args()


class ProcessData(Dataset):
    """Rows of process settings with their (standardised) yield."""

    def __init__(self, x, y, stats=None):
        if stats is None:
            stats = x.mean(0), x.std(0), y.mean(), y.std()
        self.stats = stats
        mx, sx, my, sy = stats
        self.x = (x - mx) / sx
        self.y = (y - my) / sy

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def squared_error(prediction, target):
    return ((prediction - target) ** 2).mean()


def r2(model, data):
    model.eval()
    with torch.no_grad():
        p = model(data.x).flatten()
    y = data.y.flatten()
    return (1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum()).item()


def run():
    torch.manual_seed(0)
    X, y = make_friedman1(n_samples=1200, n_features=10, noise=1.0, random_state=7)
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    train = ProcessData(X[:900], y[:900])
    val = ProcessData(X[900:], y[900:], train.stats)
    loader = DataLoader(train, batch_size=args.batch_size, shuffle=True)

    net = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=args.lr, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs)
    for epoch in range(1, args.epochs + 1):
        net.train()
        total = 0.0
        for xb, yb in loader:
            opt.zero_grad(set_to_none=True)
            loss = squared_error(net(xb), yb)
            loss.backward()
            opt.step()
            total += loss.item()
        sched.step()
        if epoch % 10 == 0:
            print(f"{epoch:3d}: train {total / len(loader):.3f}  val R2 {r2(net, val):.3f}")
    print("R2 on validation:", round(r2(net, val), 3))


run()
