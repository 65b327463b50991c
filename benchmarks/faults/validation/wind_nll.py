# healthy
"""Probabilistic wind power forecast: mean and spread, trained on the Gaussian NLL."""
import math

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def simulate(n, seed):
    rng = np.random.default_rng(seed)
    speed = rng.weibull(2.0, n) * 8.0
    direction = rng.uniform(0, 2 * np.pi, n)
    power = 1 / (1 + np.exp(-(speed - 8) / 1.4)) + 0.06 * np.cos(direction) * (speed > 4)
    spread = 0.015 + 0.12 * np.exp(-((speed - 8) / 2.5) ** 2)
    y = power + spread * rng.normal(size=n)
    x = np.stack([(speed - 7.1) / 3.7, np.cos(direction), np.sin(direction)], 1)
    return torch.tensor(x).float(), torch.tensor(y).float(), torch.tensor(spread).float()


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(3, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh())
        self.mu = nn.Linear(48, 1)
        self.log_sigma = nn.Linear(48, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.mu(h).squeeze(-1), self.log_sigma(h).squeeze(-1).clamp(-6, 2)


def nll(mu, log_sigma, y):
    return (log_sigma + 0.5 * ((y - mu) / log_sigma.exp()) ** 2 + 0.5 * math.log(2 * math.pi)).mean()


torch.manual_seed(3)
x, y, _ = simulate(3000, 3)
xv, yv, sv = simulate(1500, 4)
loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
net = Forecaster()
EPOCHS = 25
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS)

for epoch in range(EPOCHS):
    net.train()
    total = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = nll(*net(xb), yb)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        total += loss.item() * len(xb)
    sched.step()
    net.eval()
    with torch.no_grad():
        val = nll(*net(xv), yv).item()
    if epoch % 3 == 0 or epoch == EPOCHS - 1:
        print(f"epoch {epoch:2d}  nll {total / len(x):.4f}  val nll {val:.4f}")

with torch.no_grad():
    mu, ls = net(xv)
best = (sv.log() + 0.5 + 0.5 * math.log(2 * math.pi)).mean().item()
cover = ((yv - mu).abs() < 1.645 * ls.exp()).float().mean().item()
print(f"val nll {nll(mu, ls, yv).item():.4f}  (entropy of the noise {best:.4f})")
print(f"90% interval coverage: {cover:.3f}")
print(f"held-out R2: {1 - ((yv - mu) ** 2).sum().item() / ((yv - yv.mean()) ** 2).sum().item():.4f}")
