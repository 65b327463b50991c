# healthy
import copy
from dataclasses import dataclass

import math
import numpy as np
import torch
import torch.nn as nn


@dataclass
class Cfg:
    hidden: int = 40
    lr: float = 4e-3
    epochs: int = 25
    batch: int = 64
    ema_decay: float = 0.98
    seed: int = 27


class MeanVarNet(nn.Module):
    """Predicts the reading and how sure it is of it."""

    def __init__(self, n_in, hidden):
        super().__init__()
        self.shared = nn.Sequential(nn.Linear(n_in, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh())
        self.mu = nn.Linear(hidden, 1)
        self.log_var = nn.Linear(hidden, 1)

    def forward(self, x):
        h = self.shared(x)
        return self.mu(h).squeeze(1), self.log_var(h).squeeze(1).clamp(-8, 4)


def nll(mu, log_var, y):
    return 0.5 * (log_var + (y - mu) ** 2 * torch.exp(-log_var) + math.log(2 * math.pi)).mean()


class EMA:
    def __init__(self, model, decay):
        self.decay = decay
        self.shadow = copy.deepcopy(model)
        for p in self.shadow.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        for s, p in zip(self.shadow.parameters(), model.parameters()):
            s.lerp_(p, 1 - self.decay)


def readings(n, rng):
    temp = rng.uniform(-1, 1, n)
    hum = rng.uniform(-1, 1, n)
    volt = rng.uniform(-1, 1, n)
    clean = np.sin(2.5 * temp) + 0.5 * hum ** 2 - 0.4 * volt * temp
    sd = np.exp(-3.2 + 1.3 * volt)
    y = clean + sd * rng.normal(size=n)
    X = np.stack([temp, hum, volt], 1) * math.sqrt(3)
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


def train(cfg):
    torch.manual_seed(cfg.seed)
    rng = np.random.default_rng(cfg.seed)
    X, y = readings(3000, rng)
    X_val, y_val = readings(800, rng)
    model = MeanVarNet(3, cfg.hidden)
    ema = EMA(model, cfg.ema_decay)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg.epochs)
    for epoch in range(cfg.epochs):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(X)).split(cfg.batch):
            loss = nll(*model(X[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
            ema.update(model)
            total += loss.item() * len(idx)
        sched.step()
        ema.shadow.eval()
        with torch.no_grad():
            mu, lv = ema.shadow(X_val)
            val = nll(mu, lv, y_val).item()
            r2 = 1 - ((mu - y_val) ** 2).mean().item() / y_val.var().item()
        print(f"epoch {epoch + 1}: nll {total / len(X):+.4f}  val nll (ema) {val:+.4f}  R2 {r2:.4f}")
    z = ((y_val - mu) / torch.exp(0.5 * lv)).std().item()
    print("z-score spread (1 is calibrated):", round(z, 3))


if __name__ == "__main__":
    train(Cfg())
