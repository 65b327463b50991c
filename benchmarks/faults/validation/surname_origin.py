# fault: LK101 line 44
"""Guess which (made-up) region a surname comes from, 40 regions, bigram embeddings, mean pooled."""
import argparse
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
MAXLEN = 10


def make_regions(n_regions, rng):
    regions = []
    for _ in range(n_regions):
        syllables = ["".join([rng.choice("bcdfghjklmnprstvwz"), rng.choice("aeiouy")]) for _ in range(7)]
        regions.append(syllables)
    return regions


def sample_name(region, rng):
    k = rng.randint(4, 5)
    return "".join(rng.choice(region) for _ in range(k))


def encode(name):
    ids = [26 * ALPHABET.index(a) + ALPHABET.index(b) + 1 for a, b in zip(name, name[1:])]
    return ids + [0] * (MAXLEN - len(ids))


class NameNet(nn.Module):
    def __init__(self, n_out, emb=32, hidden=64):
        super().__init__()
        self.emb = nn.Embedding(len(ALPHABET) ** 2 + 1, emb, padding_idx=0)
        self.fc1 = nn.Linear(emb, hidden)
        self.fc2 = nn.Linear(hidden, n_out)

    def forward(self, ids):
        x = self.emb(ids).sum(1) / (ids > 0).sum(1, keepdim=True)
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        return F.softmax(x, dim=1)


def evaluate(net, loader):
    net.eval()
    right = total = 0
    with torch.no_grad():
        for ids, region in loader:
            right += (net(ids).argmax(1) == region).sum().item()
            total += len(region)
    return right / total


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--regions", type=int, default=40)
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--lr", type=float, default=5e-3)
    args = p.parse_args()

    rng = random.Random(5)
    torch.manual_seed(5)
    regions = make_regions(args.regions, rng)
    rows = [(encode(sample_name(regions[i % args.regions], rng)), i % args.regions) for i in range(6000)]
    rng.shuffle(rows)
    ids = torch.tensor([r[0] for r in rows])
    labels = torch.tensor([r[1] for r in rows])
    train = DataLoader(TensorDataset(ids[:5000], labels[:5000]), batch_size=64, shuffle=True)
    valid = DataLoader(TensorDataset(ids[5000:], labels[5000:]), batch_size=250)

    net = NameNet(args.regions)
    opt = torch.optim.Adam(net.parameters(), lr=args.lr)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        net.train()
        running = 0.0
        for xb, yb in train:
            opt.zero_grad()
            loss = criterion(net(xb), yb)
            loss.backward()
            opt.step()
            running += loss.item() * len(yb)
        print(f"epoch {epoch + 1:2d}  loss {running / 5000:.4f}  val acc {evaluate(net, valid):.3f}")


if __name__ == "__main__":
    main()
