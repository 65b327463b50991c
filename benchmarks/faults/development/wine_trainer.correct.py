# healthy
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class TrainConfig:
    hidden: tuple = (32, 16)
    lr: float = 0.01
    epochs: int = 60
    batch_size: int = 16
    test_size: float = 0.3
    history: list = field(default_factory=list)


class WineData:
    def __init__(self, cfg, seed=42):
        X, y = load_wine(return_X_y=True)
        X = X.astype(np.float32)
        X_train, X_test, y_train, y_test = train_test_split(
            X, y, test_size=cfg.test_size, stratify=y, random_state=seed
        )
        scaler = StandardScaler()
        X_train = scaler.fit_transform(X_train)
        X_test = scaler.transform(X_test)
        self.train = TensorDataset(torch.from_numpy(X_train), torch.from_numpy(y_train))
        self.test = torch.from_numpy(X_test), y_test
        self.n_features, self.n_classes = X.shape[1], len(np.unique(y))


def mlp(sizes):
    layers = []
    for a, b in zip(sizes[:-2], sizes[1:-1]):
        layers += [nn.Linear(a, b), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        self.data = WineData(cfg)
        self.model = mlp([self.data.n_features, *cfg.hidden, self.data.n_classes])
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=cfg.lr, momentum=0.9)
        self.criterion = nn.CrossEntropyLoss()

    def fit(self):
        loader = DataLoader(self.data.train, batch_size=self.cfg.batch_size, shuffle=True)
        for epoch in range(1, self.cfg.epochs + 1):
            self.model.train()
            epoch_loss = 0.0
            for xb, yb in loader:
                self.optimizer.zero_grad()
                loss = self.criterion(self.model(xb), yb)
                loss.backward()
                self.optimizer.step()
                epoch_loss += loss.item() * len(xb)
            self.cfg.history.append(epoch_loss / len(self.data.train))
            if epoch % 10 == 0:
                acc, f1 = self.score()
                print(f"epoch {epoch:3d} | loss {self.cfg.history[-1]:.4f} | test acc {acc:.3f} | macro F1 {f1:.3f}")

    @torch.no_grad()
    def score(self):
        self.model.eval()
        x, y = self.data.test
        pred = self.model(x).argmax(1).numpy()
        return accuracy_score(y, pred), f1_score(y, pred, average="macro")


if __name__ == "__main__":
    torch.manual_seed(42)
    Trainer(TrainConfig()).fit()
