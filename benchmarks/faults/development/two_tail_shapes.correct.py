# healthy
"""Shape and grade of machined parts; the grade was only recorded for some of them."""
import argparse

import numpy as np
import torch
from torch import nn


class TwoTails(nn.Module):
    def __init__(self, n_in, n_shape, n_grade):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(n_in, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.shape = nn.Linear(64, n_shape)
        self.grade = nn.Linear(64, n_grade)

    def forward(self, x):
        h = self.trunk(x)
        return self.shape(h), self.grade(h)


def build(seed, n=1500):
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(77).normal(0, 1.0, (4, 12))
    shape = rng.integers(0, 4, n)
    wear = rng.normal(0, 1, n)
    x = centres[shape] + rng.normal(0, 0.45, (n, 12))
    x[:, 0] += 1.5 * wear
    x[:, 5] -= 1.5 * wear
    grade = np.digitize(wear, [-0.5, 0.5])
    recorded = rng.random(n) < 0.25
    grade_seen = np.where(recorded, grade, -1)
    return (torch.tensor(x, dtype=torch.float32), torch.tensor(shape),
            torch.tensor(grade_seen), torch.tensor(grade))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=20)
    ap.add_argument("--batch", type=int, default=16)
    ap.add_argument("--lr", type=float, default=1e-3)
    args = ap.parse_args()
    torch.manual_seed(11)

    x, shape, grade, _ = build(0)
    vx, vshape, _, vgrade = build(1)
    mean, std = x.mean(0), x.std(0)
    x, vx = (x - mean) / std, (vx - mean) / std

    net = TwoTails(x.shape[1], 4, 3)
    opt = torch.optim.AdamW(net.parameters(), lr=args.lr, weight_decay=0.05)
    ce_shape = nn.CrossEntropyLoss()
    ce_grade = nn.CrossEntropyLoss(reduction="none")
    for epoch in range(args.epochs):
        net.train()
        total = 0.0
        for idx in torch.randperm(len(x)).split(args.batch):
            s, g = net(x[idx])
            known = (grade[idx] >= 0).float()
            grade_loss = (ce_grade(g, grade[idx].clamp(min=0)) * known).sum() / known.sum().clamp(min=1)
            loss = ce_shape(s, shape[idx]) + grade_loss
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        if epoch % 5 == 4:
            net.eval()
            with torch.no_grad():
                s, g = net(vx)
            print(f"[{epoch + 1}] loss={total / len(x):.4f} "
                  f"val shape acc={(s.argmax(1) == vshape).float().mean():.4f} "
                  f"val grade acc={(g.argmax(1) == vgrade).float().mean():.4f}")


if __name__ == "__main__":
    main()
