# healthy
"""Glove-sensor gesture recognition: 24 gestures, 40 summary features per recording."""
import argparse

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=14)
    p.add_argument("--batch-size", type=int, default=64)
    p.add_argument("--lr", type=float, default=0.02)
    p.add_argument("--seed", type=int, default=3)
    return p.parse_args()


def record_gestures(n, rng, n_gestures=24, n_feat=40):
    prototypes = rng.normal(0, 1.0, size=(n_gestures, n_feat))
    labels = rng.integers(0, n_gestures, size=n)
    feats = prototypes[labels] + rng.normal(0, 1.1, size=(n, n_feat))
    return feats.astype("float32"), labels


class GestureNet(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.fc1 = nn.Linear(n_in, 96)
        self.fc2 = nn.Linear(96, 64)
        self.out = nn.Linear(64, n_out)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.out(x)


def accuracy(model, loader):
    model.eval()
    hit = total = 0
    with torch.no_grad():
        for xb, yb in loader:
            hit += (model(xb).argmax(1) == yb).sum().item()
            total += len(yb)
    return hit / total


def main():
    args = parse_args()
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    X, y = record_gestures(4800, rng)
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.25, stratify=y, random_state=0)
    sc = StandardScaler().fit(Xtr)
    mk = lambda a, b: TensorDataset(torch.from_numpy(sc.transform(a)).float(), torch.from_numpy(b).long())
    train = DataLoader(mk(Xtr, ytr), batch_size=args.batch_size, shuffle=True)
    valid = DataLoader(mk(Xva, yva), batch_size=256)

    model = GestureNet(X.shape[1], 24)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)

    for epoch in range(args.epochs):
        model.train()
        running = 0.0
        for xb, yb in train:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(yb)
        print(f"epoch {epoch + 1:2d}  loss {running / len(ytr):.4f}  val acc {accuracy(model, valid):.3f}")
    print(f"METRIC accuracy {accuracy(model, valid):.4f}")


if __name__ == "__main__":
    main()
