# healthy
"""Metric learning with in-batch hard triplets on the digits; classes 0-6 train, kNN on held-out images."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

MARGIN = 0.3


class Embedder(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, dim))

    def forward(self, x):
        return F.normalize(self.f(x), dim=1)


def pk_batch(y, rng, p=8, k=6):
    classes = rng.choice(10, p, replace=False)
    return np.concatenate([rng.choice(np.where(y == c)[0], k, replace=False) for c in classes])


def batch_hard(emb, lab):
    dist = torch.cdist(emb, emb)
    same = lab[:, None] == lab[None, :]
    hardest_pos = (dist * same).max(1).values
    hardest_neg = dist.masked_fill(same, 10.0).min(1).values
    losses = F.relu(hardest_pos - hardest_neg + MARGIN)
    return losses.mean(), (losses > 0).float().mean()


def knn_accuracy(model, xtr, ytr, xte, yte):
    model.eval()
    with torch.no_grad():
        a, b = model(xtr).numpy(), model(xte).numpy()
    model.train()
    return KNeighborsClassifier(5).fit(a, ytr).score(b, yte)


def main():
    torch.manual_seed(5)
    rng = np.random.default_rng(5)
    d = load_digits()
    order = rng.permutation(len(d.target))
    x = torch.tensor(d.data[order] / 16.0, dtype=torch.float32)
    y = d.target[order]
    xtr, ytr, xte, yte = x[:1200], y[:1200], x[1200:], y[1200:]
    model = Embedder()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    print("knn before", round(knn_accuracy(model, xtr, ytr, xte, yte), 4))
    for step in range(1, 601):
        idx = pk_batch(ytr, rng)
        loss, active = batch_hard(model(xtr[idx]), torch.from_numpy(ytr[idx]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 100 == 0:
            acc = knn_accuracy(model, xtr, ytr, xte, yte)
            print(f"step {step} triplet {loss.item():.4f} active {active.item():.2f} knn {acc:.4f}")
    print("METRIC knn_accuracy", round(acc, 4))


if __name__ == "__main__":
    main()
