# healthy
"""Pre-train on the even digits, then reuse the body for the odd ones."""
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(42)


class DigitNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU())
        self.head = nn.Linear(128, classes)

    def forward(self, x):
        return self.head(self.body(x))


def split(parity):
    d = load_digits()
    keep = d.target % 2 == parity
    x = torch.tensor(d.data[keep] / 16.0, dtype=torch.float32)
    y = torch.tensor(d.target[keep] // 2)
    order = torch.randperm(len(x))
    x, y = x[order], y[order]
    n = int(0.7 * len(x))
    return (x[:n], y[:n]), (x[n:], y[n:])


def epoch_of(model, optimizer, x, y, bs=32):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(x)).split(bs):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    return total / len(x)


def acc(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


train_even, val_even = split(0)
model = DigitNet(5)
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for _ in range(15):
    epoch_of(model, opt, *train_even)
print(f"even digits: val acc {acc(model, *val_even):.3f}")

train_odd, val_odd = split(1)
for p in model.body.parameters():
    p.requires_grad = False
model.head = nn.Linear(128, 5)
optimizer = torch.optim.Adam(model.head.parameters(), lr=1e-2)
for epoch in range(40):
    loss = epoch_of(model, optimizer, *train_odd)
    if epoch % 8 == 7:
        print(f"odd digits, epoch {epoch + 1}: loss {loss:.4f} val acc {acc(model, *val_odd):.3f}")
print("final accuracy", round(acc(model, *val_odd), 4))
