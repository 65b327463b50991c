# healthy
"""Depth with input-dependent noise: network outputs mean and log-variance, Gaussian likelihood."""
from dataclasses import dataclass

import torch
import torch.nn as nn


@dataclass
class Config:
    n_train: int = 2000
    n_test: int = 600
    hidden: int = 48
    lr: float = 2e-3
    epochs: int = 25
    batch: int = 50


def pings(n, g):
    x = torch.rand(n, 3, generator=g) * 2 - 1
    depth = torch.sin(2.5 * x[:, 0]) + 0.6 * x[:, 1] * x[:, 2]
    noise = 0.03 + 0.12 * (x[:, 1] + 1) / 2
    return x, (depth + noise * torch.randn(n, generator=g)).unsqueeze(1)


class TwoHead(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(3, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU())
        self.mean = nn.Linear(hidden, 1)
        self.logvar = nn.Linear(hidden, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.mean(h), self.logvar(h).clamp(-8, 4)


def main(cfg):
    torch.manual_seed(15)
    g = torch.Generator().manual_seed(15)
    x, y = pings(cfg.n_train, g)
    xt, yt = pings(cfg.n_test, g)
    net = TwoHead(cfg.hidden)
    nll = nn.GaussianNLLLoss()
    opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=cfg.epochs)
    for epoch in range(1, cfg.epochs + 1):
        net.train()
        total = 0.0
        for idx in torch.randperm(cfg.n_train).split(cfg.batch):
            mu, logvar = net(x[idx])
            loss = nll(mu, y[idx], logvar.exp())
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            opt.step()
            total += loss.item() * len(idx)
        sched.step()
        if epoch % 5 == 0:
            net.eval()
            with torch.no_grad():
                mu, logvar = net(xt)
                r2 = 1 - ((mu - yt) ** 2).mean() / yt.var()
                test_nll = nll(mu, yt, logvar.exp())
            print(f"epoch {epoch}: train nll {total / cfg.n_train:.3f} test nll {test_nll:.3f} R2 {r2:.3f}")


main(Config())
