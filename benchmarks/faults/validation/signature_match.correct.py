# healthy
"""Contrastive embedding of pen-stroke traces: are two traces by the same writer?"""
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn


@dataclass
class Settings:
    writers: int = 30
    dim: int = 40
    pairs: int = 3000
    margin: float = 1.0
    lr: float = 1e-3
    batch: int = 64
    epochs: int = 12
    seed: int = 3


def build_traces(s, rng):
    basis = rng.normal(size=(6, s.dim))
    style = rng.normal(size=(s.writers, 6))
    owner = np.repeat(np.arange(s.writers), 20)
    traces = style[owner] @ basis / 2.4 + rng.normal(scale=1.0, size=(len(owner), s.dim))
    return traces.astype(np.float32), owner


def draw_pairs(owner, pool, n, rng):
    left = rng.choice(pool, n)
    right = rng.choice(pool, n)
    for k in range(0, n, 2):
        right[k] = rng.choice(pool[owner[pool] == owner[left[k]]])
    same = (owner[left] == owner[right]).astype(np.float32)
    return left, right, same


class Encoder(nn.Module):
    def __init__(self, dim, out=12):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(dim, 64), nn.ReLU(), nn.Linear(64, out))

    def forward(self, x):
        return self.layers(x)


def distance(a, b):
    return torch.sqrt(((a - b) ** 2).sum(dim=1) + 1e-8)


def contrastive(dist, same, margin):
    pull = same * dist.pow(2)
    push = (1 - same) * torch.relu(margin - dist).pow(2)
    return (pull + push).mean()


def pair_accuracy(encoder, traces, pairs, margin):
    left, right, same = pairs
    encoder.eval()
    with torch.no_grad():
        d = distance(encoder(traces[left]), encoder(traces[right])).numpy()
    return float(((d < margin / 2) == (same > 0.5)).mean())


def run(s):
    rng = np.random.default_rng(s.seed)
    torch.manual_seed(s.seed)
    traces_np, owner = build_traces(s, rng)
    traces = torch.from_numpy(traces_np)
    held = np.arange(len(owner)) % 20 >= 15
    fit_pairs = draw_pairs(owner, np.flatnonzero(~held), s.pairs, rng)
    val_pairs = draw_pairs(owner, np.flatnonzero(held), 800, rng)

    encoder = Encoder(s.dim)
    opt = torch.optim.Adam(encoder.parameters(), lr=s.lr)
    left, right = (torch.from_numpy(p) for p in fit_pairs[:2])
    same = torch.from_numpy(fit_pairs[2])
    for epoch in range(s.epochs):
        encoder.train()
        order = torch.randperm(s.pairs)
        losses = []
        for idx in order.split(s.batch):
            d = distance(encoder(traces[left[idx]]), encoder(traces[right[idx]]))
            loss = contrastive(d, same[idx], s.margin)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        acc = pair_accuracy(encoder, traces, val_pairs, s.margin)
        print(f"[{epoch + 1:02d}] contrastive {np.mean(losses):.4f} | val pair acc {acc:.3f}")


if __name__ == "__main__":
    run(Settings())
