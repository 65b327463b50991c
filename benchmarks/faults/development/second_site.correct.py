# healthy
"""Pre-train on the first hospital's ten form codes, then move the network to a second site."""
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class Reader(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Linear(64, 128), nn.ReLU(),
            nn.Linear(128, 64), nn.ReLU())
        self.head = nn.Linear(64, n_classes)

    def forward(self, x):
        return self.head(self.features(x))


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)

    def fit(self, x, y, val, epochs, tag):
        for epoch in range(epochs):
            self.model.train()
            total = 0.0
            for rows in torch.randperm(len(x)).split(32):
                self.optimizer.zero_grad()
                loss = self.loss(self.model(x[rows]), y[rows])
                loss.backward()
                self.optimizer.step()
                total += loss.item() * len(rows)
            print(f"{tag} epoch {epoch + 1}: loss {total / len(x):.4f} val acc {self.score(*val):.4f}")

    @torch.no_grad()
    def score(self, x, y):
        self.model.eval()
        return (self.model(x).argmax(1) == y).float().mean().item()


WARDS = np.array([0, 1, 2, 2, 1, 2, 0, 1, 0, 0])   # digit -> ward at the second site


def site(half, mapping=None):
    x, y = load_digits(return_X_y=True)
    x, y = x[half::2] / 16.0 - 0.3, y[half::2]
    if mapping is not None:
        y = mapping[y]
    xa, xb, ya, yb = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
    to = lambda a: torch.tensor(a.astype(np.float32))
    return to(xa), torch.tensor(ya), (to(xb), torch.tensor(yb))


if __name__ == "__main__":
    torch.manual_seed(17)
    x, y, val = site(0)
    model = Reader(10)
    trainer = Trainer(model, lr=1e-3)
    trainer.fit(x, y, val, epochs=20, tag="site A")

    # new site: keep the features, learn a new head on them
    x, y, val = site(1, WARDS)
    for p in model.features.parameters():
        p.requires_grad = False
    model.head = nn.Linear(64, 3)
    trainer.optimizer = torch.optim.Adam(model.head.parameters(), lr=5e-3)
    trainer.fit(x, y, val, epochs=20, tag="site B")
