# healthy
"""Mixture density network: the inverse arm problem, several answers per input."""
import math

import numpy as np
import torch
from torch import nn


class MDN(nn.Module):
    def __init__(self, hidden=48, k=5):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(1, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh())
        self.pi = nn.Linear(hidden, k)
        self.mu = nn.Linear(hidden, k)
        self.log_sigma = nn.Linear(hidden, k)
        with torch.no_grad():
            self.mu.bias.copy_(torch.linspace(-1, 1, k))

    def forward(self, x):
        h = self.trunk(x)
        return torch.log_softmax(self.pi(h), -1), self.mu(h), self.log_sigma(h).clamp(-5, 2)


def nll(params, y):
    log_pi, mu, log_sigma = params
    z = (y - mu) / log_sigma.exp()
    comp = -0.5 * z ** 2 - log_sigma - 0.5 * math.log(2 * math.pi)
    return -torch.logsumexp(log_pi + comp, dim=-1).mean()


def make(n, seed):
    r = np.random.default_rng(seed)
    y = r.uniform(-1, 1, (n, 1))
    x = y + 0.35 * np.sin(2 * np.pi * y) + r.normal(0, 0.02, (n, 1))
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


def main():
    torch.manual_seed(7)
    x, y = make(3000, 0)
    xv, yv = make(600, 1)
    net = MDN()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=30)
    for epoch in range(30):
        net.train()
        tot = 0.0
        for i in torch.randperm(len(x)).split(100):
            loss = nll(net(x[i]), y[i])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            opt.step()
            tot += loss.item() * len(i)
        sched.step()
        net.eval()
        with torch.no_grad():
            v = nll(net(xv), yv).item()
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1:2d}  train nll {tot / len(x):.3f}  val nll {v:.3f}")
    print(f"METRIC val_nll {v:.4f}  (uniform guess {math.log(2):.4f})")


main()
