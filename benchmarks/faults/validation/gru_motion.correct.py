# healthy
"""Activity recognition from short accelerometer windows."""
import argparse
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

ACTIVITIES = ["walk", "run", "stairs", "still"]


def window(kind, length, g):
    t = torch.arange(length) / 20.0
    ph = torch.rand(1, generator=g) * 2 * math.pi
    jit = 1 + 0.1 * torch.randn(1, generator=g)
    if kind == 0:
        s = torch.stack([torch.sin(2 * math.pi * 1.6 * jit * t + ph), 0.4 * torch.cos(2 * math.pi * 1.6 * jit * t + ph)])
    elif kind == 1:
        s = torch.stack([1.6 * torch.sin(2 * math.pi * 2.8 * jit * t + ph), 0.9 * torch.cos(2 * math.pi * 2.8 * jit * t + ph)])
    elif kind == 2:
        s = torch.stack([0.9 * torch.sin(2 * math.pi * 1.2 * jit * t + ph), 0.8 * torch.sin(2 * math.pi * 2.4 * jit * t + ph)])
    else:
        s = torch.zeros(2, length)
    return (s + 0.35 * torch.randn(2, length, generator=g)).T


def dataset(n, length, seed):
    g = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 4, (n,), generator=g)
    x = torch.stack([window(int(k), length, g) for k in y])
    return x, y


class MotionGRU(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.gru = nn.GRU(2, hidden, batch_first=True)
        self.head = nn.Sequential(nn.Linear(hidden, 64), nn.ReLU(), nn.Linear(64, len(ACTIVITIES)))

    def forward(self, x):
        out, _ = self.gru(x)
        return self.head(out.mean(dim=1))


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--lr", type=float, default=3e-3)
    ap.add_argument("--epochs", type=int, default=10)
    ap.add_argument("--bs", type=int, default=32)
    args = ap.parse_args()

    torch.manual_seed(1)
    x, y = dataset(1000, 40, seed=1)
    xv, yv = dataset(400, 40, seed=2)
    model = MotionGRU()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)

    for epoch in range(args.epochs):
        model.train()
        losses = []
        for idx in torch.randperm(len(x)).split(args.bs):
            loss = F.cross_entropy(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"epoch {epoch:2d} loss {sum(losses) / len(losses):.4f} val acc {accuracy(model, xv, yv):.4f}")
    print(f"held-out accuracy: {accuracy(model, xv, yv):.4f}")


if __name__ == "__main__":
    main()
