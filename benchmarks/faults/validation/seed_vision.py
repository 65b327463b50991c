# healthy
"""Seed variety classifier; micro-batches of 8 with gradient accumulation to an effective 32."""
import argparse

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def make_seeds(n, seed):
    rng = np.random.default_rng(seed)
    variety = rng.integers(0, 5, n)
    proto = np.random.default_rng(100).normal(size=(5, 12))
    x = proto[variety] + rng.normal(scale=0.9, size=(n, 12))
    return torch.tensor(x, dtype=torch.float32), torch.tensor(variety)


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


def train(args):
    torch.manual_seed(args.seed)
    x, y = make_seeds(1600, 1)
    xv, yv = make_seeds(600, 2)
    loader = DataLoader(TensorDataset(x, y), batch_size=args.micro, shuffle=True)
    net = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 5))
    opt = torch.optim.Adam(net.parameters(), lr=args.lr)
    ce = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        net.train()
        opt.zero_grad()
        total = 0.0
        for step, (xb, yb) in enumerate(loader, start=1):
            loss = ce(net(xb), yb)
            (loss / args.accumulate).backward()
            total += loss.item()
            if step % args.accumulate == 0:
                opt.step()
                opt.zero_grad()
        print(f"epoch {epoch + 1} loss {total / len(loader):.4f} val acc {accuracy(net, xv, yv):.3f}")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--micro", type=int, default=8)
    ap.add_argument("--accumulate", type=int, default=4)
    ap.add_argument("--lr", type=float, default=3e-3)
    ap.add_argument("--epochs", type=int, default=8)
    ap.add_argument("--seed", type=int, default=6)
    train(ap.parse_args())
