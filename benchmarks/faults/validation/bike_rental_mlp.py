# fault: LK405 line 13
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F


@dataclass
class TrainConfig:
    lr: float = 0.003
    momentum: float = 0.9
    epochs: int = 2
    batch_size: int = 64
    widths: list = field(default_factory=lambda: [64, 32])
    seed: int = 21


def bike_data(rng, n=2500):
    hour = rng.uniform(0, 24, n)
    temp = rng.normal(15, 8, n)
    wind = rng.gamma(2, 3, n)
    weekend = rng.integers(0, 2, n)
    commute = np.exp(-((hour - 8) / 2) ** 2) + 1.2 * np.exp(-((hour - 17.5) / 2.5) ** 2)
    leisure = np.exp(-((hour - 14) / 4) ** 2)
    demand = np.where(weekend == 1, leisure, commute) * (1 + 0.04 * (temp - 15)) - 0.02 * wind
    demand = demand + rng.normal(0, 0.06, n)
    X = np.stack([np.sin(hour * np.pi / 12), np.cos(hour * np.pi / 12),
                  np.sin(hour * np.pi / 6), np.cos(hour * np.pi / 6),
                  (temp - 15) / 8, (wind - 6) / 4.2, weekend * 2 - 1], 1)
    y = (demand - demand.mean()) / demand.std()
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


def init_params(sizes, gen):
    params = []
    for a, b in zip(sizes[:-1], sizes[1:]):
        w = torch.randn(a, b, generator=gen) * (2.0 / a) ** 0.5
        params += [w.requires_grad_(), torch.zeros(b, requires_grad=True)]
    return params


def forward(params, x):
    n = len(params) // 2
    for i in range(n):
        x = x @ params[2 * i] + params[2 * i + 1]
        if i < n - 1:
            x = F.relu(x)
    return x.squeeze(1)


def sgd_momentum(params, vel, lr, mu):
    with torch.no_grad():
        for p, v in zip(params, vel):
            v.mul_(mu).add_(p.grad)
            p.sub_(lr * v)
            p.grad = None


def r2(pred, y):
    return 1 - (F.mse_loss(pred, y) / y.var(unbiased=False)).item()


def train(cfg):
    gen = torch.Generator().manual_seed(cfg.seed)
    X, y = bike_data(np.random.default_rng(cfg.seed))
    Xt, yt, Xv, yv = X[:2000], y[:2000], X[2000:], y[2000:]
    params = init_params([X.shape[1], *cfg.widths, 1], gen)
    vel = [torch.zeros_like(p) for p in params]
    for epoch in range(cfg.epochs):
        perm = torch.randperm(len(Xt), generator=gen)
        lr = cfg.lr * 0.5 * (1 + np.cos(np.pi * epoch / max(cfg.epochs, 1)))
        tot = 0.0
        for idx in perm.split(cfg.batch_size):
            loss = F.mse_loss(forward(params, Xt[idx]), yt[idx])
            loss.backward()
            sgd_momentum(params, vel, lr, cfg.momentum)
            tot += loss.item() * len(idx)
        with torch.no_grad():
            score = r2(forward(params, Xv), yv)
        print(f"epoch {epoch + 1}: train mse {tot / len(Xt):.4f}, val R2 {score:.4f}")
    return score


if __name__ == "__main__":
    print("val R2:", train(TrainConfig()))
