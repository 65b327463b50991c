# fault: LK509 line 44
"""Coin sorter: digit-like 8x8 stamps -> denomination, small conv net with batch norm."""
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn, optim


class StampNet(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU())
        self.mid = nn.Sequential(nn.Conv2d(12, 24, 3, padding=1, stride=2), nn.BatchNorm2d(24), nn.ReLU())
        self.top = nn.Sequential(nn.Flatten(), nn.Linear(24 * 16, 48), nn.BatchNorm1d(48), nn.ReLU(),
                                 nn.Dropout(0.2), nn.Linear(48, n_classes))

    def forward(self, x):
        return self.top(self.mid(self.stem(x)))


class Sorter:
    def __init__(self, net, lr=2e-3, batch_size=32):
        self.net = net
        self.opt = optim.Adam(net.parameters(), lr=lr)
        self.batch_size = batch_size
        self.criterion = nn.CrossEntropyLoss()

    def fit(self, x, y, epochs):
        for epoch in range(epochs):
            self.net.train()
            perm = torch.randperm(len(x))
            total = 0.0
            usable = len(x) // self.batch_size * self.batch_size
            for idx in perm[:usable].split(self.batch_size):
                self.opt.zero_grad()
                loss = self.criterion(self.net(x[idx]), y[idx])
                loss.backward()
                self.opt.step()
                total += loss.item() * len(idx)
            print(f"epoch {epoch + 1}: loss {total / usable:.4f}")

    def predict(self, x, batch_size=20):
        out = []
        with torch.no_grad():
            for chunk in x.split(batch_size):
                out.append(self.net(chunk).argmax(1))
        return torch.cat(out)


def trays(images, labels, per_class, rng):
    """Hold out one tray of coins per denomination, the way the machine delivers them."""
    held = []
    for c in np.unique(labels):
        held.append(rng.permutation(np.flatnonzero(labels == c))[:per_class])
    held = np.concatenate(held)
    rest = np.setdiff1d(np.arange(len(labels)), held)
    return rest, held


if __name__ == "__main__":
    torch.manual_seed(8)
    rng = np.random.default_rng(8)
    digits = load_digits()
    images = torch.tensor(digits.images / 16.0, dtype=torch.float32).unsqueeze(1)
    labels = torch.tensor(digits.target)
    rest, held = trays(images, digits.target, 40, rng)

    sorter = Sorter(StampNet())
    sorter.fit(images[rest], labels[rest], epochs=10)
    guess = sorter.predict(images[held])
    print("held-out accuracy:", (guess == labels[held]).float().mean().item())
    for c in range(10):
        mask = labels[held] == c
        print(c, round((guess[mask] == c).float().mean().item(), 3))
    print("final accuracy %.3f" % (guess == labels[held]).float().mean().item())
