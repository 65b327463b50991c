# healthy
"""Physics-informed network for the damped oscillator  u'' + 2 d u' + w^2 u = 0,  u(0)=1, u'(0)=0  (L-BFGS)."""
import math

import torch
from torch import nn

torch.manual_seed(10)
torch.set_default_dtype(torch.float64)
DAMP, OMEGA, T_END = 0.4, 4.0, 2.0

net = nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
optimizer = torch.optim.LBFGS(net.parameters(), lr=1.0, max_iter=25, history_size=30, line_search_fn="strong_wolfe")
colloc = torch.linspace(0, T_END, 60).unsqueeze(1)
t0 = torch.zeros(1, 1)


def u(t):
    return net(2 * t / T_END - 1)


def derivative(y, t):
    return torch.autograd.grad(y.sum(), t, create_graph=True)[0]


def residuals():
    t = colloc.clone().requires_grad_(True)
    y = u(t)
    dy = derivative(y, t)
    ddy = derivative(dy, t)
    ode = ((ddy + 2 * DAMP * dy + OMEGA ** 2 * y) / OMEGA ** 2).pow(2).mean()
    s = t0.clone().requires_grad_(True)
    y0 = u(s)
    start = (y0 - 1).pow(2).mean() + (derivative(y0, s) / OMEGA).pow(2).mean()
    return ode, start


def exact(t):
    w = math.sqrt(OMEGA ** 2 - DAMP ** 2)
    return torch.exp(-DAMP * t) * (torch.cos(w * t) + DAMP / w * torch.sin(w * t))


def closure():
    optimizer.zero_grad()
    ode, start = residuals()
    loss = ode + 5.0 * start
    loss.backward()
    return loss


grid = torch.linspace(0, T_END, 200).unsqueeze(1)
for it in range(1, 31):
    loss = optimizer.step(closure)
    if it % 5 == 0:
        with torch.no_grad():
            err = (u(grid) - exact(grid)).pow(2).sum() / exact(grid).pow(2).sum()
        print(f"iter {it:3d}  loss {loss.item():.3e}  relative error {err.sqrt().item():.4f}  R2 {1 - err.item():.5f}")
