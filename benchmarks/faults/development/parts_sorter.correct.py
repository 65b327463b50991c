# healthy
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import make_blobs
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split


@dataclass
class Config:
    epochs: int = 20
    batch: int = 32
    lr: float = 5e-3
    parts: int = 8
    seed: int = 5


class Parts(Dataset):
    """Laser-gauge readings of eight part types."""

    def __init__(self, cfg):
        x, y = make_blobs(1600, n_features=10, centers=cfg.parts, cluster_std=3.2,
                          random_state=cfg.seed)
        x = (x - x.mean(0)) / x.std(0)
        self.x = torch.from_numpy(x.astype(np.float32))
        self.y = torch.from_numpy(y).long()

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        data = Parts(cfg)
        self.train_set, self.val_set = random_split(data, [1200, 400])
        self.net = nn.Sequential(
            nn.Linear(10, 64), nn.BatchNorm1d(64), nn.ReLU(),
            nn.Linear(64, 32), nn.ReLU(),
            nn.Linear(32, cfg.parts))
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=cfg.lr)

    def fit(self):
        loader = DataLoader(self.train_set, self.cfg.batch, shuffle=True, drop_last=True)
        for epoch in range(self.cfg.epochs):
            self.net.train()
            losses = []
            for x, y in loader:
                self.optimizer.zero_grad()
                loss = self.criterion(self.net(x), y)
                loss.backward()
                self.optimizer.step()
                losses.append(loss.item())
            if epoch % 4 == 3:
                print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, val acc {self.score():.3f}")

    @torch.no_grad()
    def score(self):
        self.net.eval()
        hits = 0
        for x, y in DataLoader(self.val_set, 128):
            hits += (self.net(x).argmax(1) == y).sum().item()
        return hits / len(self.val_set)


if __name__ == "__main__":
    cfg = Config()
    torch.manual_seed(cfg.seed)
    trainer = Trainer(cfg)
    trainer.fit()
    print("final accuracy", trainer.score())
