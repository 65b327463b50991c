# fault: LK101 line 36, 45
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    batch_size: int = 32
    epochs: int = 10
    lr: float = 0.02
    momentum: float = 0.9
    seed: int = 7


class ConvNet(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(32 * 4 * 4, 64)
        self.fc2 = nn.Linear(64, n_classes)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.flatten(1)
        x = F.relu(self.fc1(x))
        return F.softmax(self.fc2(x), dim=1)


class Trainer:
    def __init__(self, model, cfg, train_loader, val_loader):
        self.model = model
        self.cfg = cfg
        self.train_loader = train_loader
        self.val_loader = val_loader
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(model.parameters(), lr=cfg.lr, momentum=cfg.momentum)
        self.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=cfg.epochs)

    def train_epoch(self):
        self.model.train()
        total, n = 0.0, 0
        for xb, yb in self.train_loader:
            self.optimizer.zero_grad()
            out = self.model(xb)
            loss = self.criterion(out, yb)
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(xb)
            n += len(xb)
        return total / n

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        total, correct, n = 0.0, 0, 0
        for xb, yb in self.val_loader:
            out = self.model(xb)
            total += self.criterion(out, yb).item() * len(xb)
            correct += (out.argmax(1) == yb).sum().item()
            n += len(xb)
        return total / n, correct / n

    def fit(self):
        for epoch in range(1, self.cfg.epochs + 1):
            tr = self.train_epoch()
            vl, va = self.evaluate()
            self.scheduler.step()
            print(f"epoch {epoch:2d}  train {tr:.4f}  val {vl:.4f}  acc {va:.3f}")
        return va


def main():
    cfg = Config()
    torch.manual_seed(cfg.seed)
    X, y = load_digits(return_X_y=True)
    X = (X / 16.0).astype(np.float32).reshape(-1, 1, 8, 8)
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, stratify=y, random_state=cfg.seed)
    train_ds = TensorDataset(torch.from_numpy(X_tr), torch.from_numpy(y_tr))
    val_ds = TensorDataset(torch.from_numpy(X_va), torch.from_numpy(y_va))
    trainer = Trainer(
        ConvNet(),
        cfg,
        DataLoader(train_ds, batch_size=cfg.batch_size, shuffle=True),
        DataLoader(val_ds, batch_size=256),
    )
    acc = trainer.fit()
    print("final accuracy:", round(acc, 4))


if __name__ == "__main__":
    main()
