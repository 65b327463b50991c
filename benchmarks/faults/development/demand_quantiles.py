# healthy
"""Hourly demand, three quantile heads (10 / 50 / 90 %) trained with the pinball loss and early stopping."""
import copy
import math

import torch
import torch.nn as nn

torch.manual_seed(77)
QUANTILES = torch.tensor([0.1, 0.5, 0.9])


def hours(n, g):
    hour = torch.randint(0, 24, (n,), generator=g).float()
    temp = torch.randn(n, generator=g)
    weekend = (torch.rand(n, generator=g) < 2 / 7).float()
    angle = 2 * math.pi * hour / 24
    level = torch.sin(angle - 1.5) + 0.4 * temp ** 2 - 0.5 * weekend
    noise = (0.3 + 0.6 * (hour > 8).float()) * torch.randn(n, generator=g)
    x = torch.stack([torch.sin(angle), torch.cos(angle), (hour - 11.5) / 6.9, temp, weekend - 0.3], 1)
    return x, level + noise


class QuantileNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(5, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU())
        self.median = nn.Linear(32, 1)
        self.gaps = nn.Linear(32, 2)

    def forward(self, x):
        h = self.trunk(x)
        m = self.median(h)
        lo, hi = nn.functional.softplus(self.gaps(h)).split(1, dim=1)
        return torch.cat([m - lo, m, m + hi], dim=1)


def pinball(pred, y):
    diff = y.unsqueeze(1) - pred
    return torch.maximum(QUANTILES * diff, (QUANTILES - 1) * diff).mean()


g = torch.Generator().manual_seed(1)
(x, y), (xv, yv), (xt, yt) = hours(3000, g), hours(800, g), hours(800, g)
net = QuantileNet()
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.4, patience=4)
best, best_state, waited = float("inf"), None, 0
for epoch in range(60):
    net.train()
    for idx in torch.randperm(len(x)).split(100):
        opt.zero_grad()
        loss = pinball(net(x[idx]), y[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = pinball(net(xv), yv).item()
    sched.step(val)
    if val < best - 1e-5:
        best, best_state, waited = val, copy.deepcopy(net.state_dict()), 0
    else:
        waited += 1
    if epoch % 5 == 0:
        print(f"epoch {epoch} train {loss.item():.4f} val pinball {val:.4f} lr {opt.param_groups[0]['lr']:.1e}")
    if waited >= 10:
        print("early stop at", epoch)
        break

net.load_state_dict(best_state)
with torch.no_grad():
    q = net(xt)
cover = ((yt > q[:, 0]) & (yt < q[:, 2])).float().mean().item()
r2 = 1 - (yt - q[:, 1]).pow(2).sum() / (yt - yt.mean()).pow(2).sum()
print(f"test coverage of the 80 % band {cover:.3f}, median R2 {r2:.3f}")
