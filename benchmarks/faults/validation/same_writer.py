# healthy
"""Siamese network, contrastive loss: are two images the same digit?"""
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

MARGIN = 1.0


class Embed(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, dim))

    def forward(self, x):
        return nn.functional.normalize(self.body(x), dim=1)


def contrastive(d, same):
    pull = same * d.pow(2)
    push = (1 - same) * torch.clamp(MARGIN - d, min=0).pow(2)
    return (pull + push).mean()


def distance(net, a, b):
    return torch.sqrt((net(a) - net(b)).pow(2).sum(1) + 1e-8)


def pairs(x, y, n, rng):
    """Half positive, half negative pairs."""
    by = [np.flatnonzero(y == c) for c in range(10)]
    left = rng.integers(0, len(y), n)
    same = np.arange(n) % 2
    right = np.empty(n, int)
    for k, i in enumerate(left):
        c = y[i] if same[k] else rng.choice([q for q in range(10) if q != y[i]])
        right[k] = rng.choice(by[c])
    return x[left], x[right], torch.tensor(same, dtype=torch.float32)


def main():
    torch.manual_seed(2)
    rng = np.random.default_rng(2)
    X, y = load_digits(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X / 16.0, y, test_size=0.3, stratify=y, random_state=2)
    X_tr, X_te = torch.tensor(X_tr).float(), torch.tensor(X_te).float()
    val = pairs(X_te, y_te, 2000, rng)

    net = Embed()
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-2)
    for epoch in range(12):
        net.train()
        a, b, s = pairs(X_tr, y_tr, 3200, rng)
        order = torch.randperm(len(s))
        run = 0.0
        for j in order.split(64):
            opt.zero_grad()
            loss = contrastive(distance(net, a[j], b[j]), s[j])
            loss.backward()
            opt.step()
            run += loss.item() * len(j)
        net.eval()
        with torch.no_grad():
            d = distance(net, val[0], val[1])
            vl = contrastive(d, val[2]).item()
        print(f"epoch {epoch + 1:2d}  loss {run / len(s):.4f}  val {vl:.4f}  auc {roc_auc_score(val[2], -d):.4f}")
    print(f"held-out pair accuracy: {((d < 0.5 * MARGIN).float() == val[2]).float().mean().item():.4f}")


if __name__ == "__main__":
    main()
