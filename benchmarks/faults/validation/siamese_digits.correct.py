# healthy
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

SEED = 14
EMB = 12


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, EMB))

    def forward(self, x):
        return self.net(x)


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=1.5):
        super().__init__()
        self.margin = margin

    def forward(self, a, b, same):
        dist = torch.sqrt(((a - b) ** 2).sum(dim=1) + 1e-6)
        pull = same * dist ** 2
        push = (1 - same) * torch.clamp(self.margin - dist, min=0) ** 2
        return 0.5 * (pull + push).mean()


class PairSampler:
    def __init__(self, X, y, rng):
        self.X, self.y, self.rng = X, y, rng
        self.by_class = [np.flatnonzero(y == c) for c in range(10)]

    def batch(self, n):
        i = self.rng.integers(0, len(self.X), n)
        same = self.rng.random(n) < 0.5
        j = np.empty(n, dtype=int)
        for k in range(n):
            c = self.y[i[k]]
            if not same[k]:
                c = (c + self.rng.integers(1, 10)) % 10
            j[k] = self.rng.choice(self.by_class[c])
        return self.X[i], self.X[j], torch.tensor(same, dtype=torch.float32)


def knn_accuracy(enc, Xtr, ytr, Xte, yte):
    enc.eval()
    with torch.no_grad():
        a, b = np.nan_to_num(enc(Xtr).numpy()), np.nan_to_num(enc(Xte).numpy())
    return KNeighborsClassifier(3).fit(a, ytr).score(b, yte)


def main():
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    X, y = load_digits(return_X_y=True)
    order = rng.permutation(len(X))
    X, y = torch.tensor(X[order] / 16.0, dtype=torch.float32), y[order]
    Xtr, ytr, Xte, yte = X[:1300], y[:1300], X[1300:], y[1300:]

    enc = Encoder()
    criterion = ContrastiveLoss()
    optimizer = torch.optim.Adam(enc.parameters(), lr=3e-3)
    sampler = PairSampler(Xtr, ytr, rng)
    for step in range(1, 501):
        enc.train()
        a, b, same = sampler.batch(64)
        loss = criterion(enc(a), enc(b), same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 50 == 0:
            print(f"step {step} contrastive loss {loss.item():.4f} "
                  f"3-NN accuracy {knn_accuracy(enc, Xtr, ytr, Xte, yte):.3f}")
    print("3-NN accuracy in embedding space:", knn_accuracy(enc, Xtr, ytr, Xte, yte))


if __name__ == "__main__":
    main()
