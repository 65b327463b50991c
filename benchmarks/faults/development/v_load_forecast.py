# fault: LK106 line 60
import math
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset


@dataclass
class Config:
    window: int = 24
    hidden: int = 24
    batch_size: int = 64
    epochs: int = 14
    lr: float = 5e-3
    seed: int = 3


class WindowDataset(Dataset):
    """Sliding windows over an hourly load series; the target is the next hour."""

    def __init__(self, series, window):
        self.series, self.window = series, window

    def __len__(self):
        return len(self.series) - self.window

    def __getitem__(self, i):
        x = self.series[i:i + self.window].unsqueeze(-1)
        return x, self.series[i + self.window]


class LoadLSTM(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1])


def synthetic_load(n):
    t = torch.arange(n, dtype=torch.float32)
    daily = torch.sin(2 * math.pi * t / 24) + 0.4 * torch.sin(4 * math.pi * t / 24 + 0.7)
    weekly = 0.5 * torch.cos(2 * math.pi * t / 168)
    return 50 + 12 * (daily + weekly) + 2.0 * torch.randn(n)


class Trainer:
    def __init__(self, model, cfg, train_set, val_set):
        self.model, self.cfg = model, cfg
        self.train_loader = DataLoader(train_set, batch_size=cfg.batch_size, shuffle=True)
        self.val_loader = DataLoader(val_set, batch_size=256)
        self.optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)

    def loss(self, pred, target):
        return ((pred - target) ** 2).mean()

    def validate(self):
        self.model.eval()
        preds, targets = [], []
        with torch.no_grad():
            for x, y in self.val_loader:
                preds.append(self.model(x).flatten())
                targets.append(y)
        p, t = torch.cat(preds), torch.cat(targets)
        return (1 - ((t - p) ** 2).sum() / ((t - t.mean()) ** 2).sum()).item()

    def fit(self):
        for epoch in range(1, self.cfg.epochs + 1):
            self.model.train()
            losses = []
            for x, y in self.train_loader:
                loss = self.loss(self.model(x), y)
                self.optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                self.optimizer.step()
                losses.append(loss.item())
            print(f"[{epoch:02d}/{self.cfg.epochs}] train mse {sum(losses) / len(losses):.4f}  val R2 {self.validate():.4f}")


if __name__ == "__main__":
    cfg = Config()
    torch.manual_seed(cfg.seed)
    series = synthetic_load(2000)
    split = 1600
    mean, std = series[:split].mean(), series[:split].std()
    series = (series - mean) / std
    train_set = WindowDataset(series[:split], cfg.window)
    val_set = WindowDataset(series[split:], cfg.window)
    Trainer(LoadLSTM(cfg.hidden), cfg, train_set, val_set).fit()
