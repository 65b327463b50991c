# healthy
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class Config:
    micro_batch = 8
    accum_steps = 16          # effective batch of 128, fits on my laptop
    lr = 0.1
    momentum = 0.9
    epochs = 15
    seed = 5


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        torch.manual_seed(cfg.seed)
        X, y = load_digits(return_X_y=True)
        X = (X / 16.0 - 0.3) / 0.38
        a, b, c, d = train_test_split(X.astype(np.float32), y, test_size=0.2, random_state=cfg.seed)
        self.Xtr, self.Xva, self.ytr, self.yva = map(torch.from_numpy, (a, b, c, d))
        self.model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        self.opt = torch.optim.SGD(self.model.parameters(), lr=cfg.lr, momentum=cfg.momentum)
        self.crit = nn.CrossEntropyLoss()

    def train_epoch(self):
        self.model.train()
        total, n = 0.0, 0
        self.opt.zero_grad()
        for step, idx in enumerate(torch.randperm(len(self.Xtr)).split(self.cfg.micro_batch), 1):
            loss = self.crit(self.model(self.Xtr[idx]), self.ytr[idx])
            (loss / self.cfg.accum_steps).backward()
            total, n = total + loss.item(), n + 1
            if step % self.cfg.accum_steps == 0:
                self.opt.step()
                self.opt.zero_grad()
        return total / n

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        return (self.model(self.Xva).argmax(-1) == self.yva).float().mean().item()

    def fit(self):
        for ep in range(self.cfg.epochs):
            tr = self.train_epoch()
            print(f"[{ep:02d}] train_loss={tr:.4f} val_acc={self.validate():.4f}")


if __name__ == "__main__":
    Trainer(Config).fit()
