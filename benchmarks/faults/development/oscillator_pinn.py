# healthy
"""Physics-informed net for a damped oscillator u'' + 0.4 u' + 4 u = 0, u(0)=1, u'(0)=0 (Adam, then L-BFGS)."""
import math

import torch
import torch.nn as nn

torch.manual_seed(0)
ZETA, OMEGA2, T_END = 0.4, 4.0, 4.0


def exact(t):
    w = math.sqrt(OMEGA2 - ZETA ** 2 / 4)
    return torch.exp(-ZETA / 2 * t) * (torch.cos(w * t) + ZETA / (2 * w) * torch.sin(w * t))


net = nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
t_col = torch.linspace(0, T_END, 80).unsqueeze(1).requires_grad_(True)
t_test = torch.linspace(0.02, T_END - 0.02, 151).unsqueeze(1)


def u(t):
    return net(2 * t / T_END - 1)


def d(y, t):
    return torch.autograd.grad(y, t, torch.ones_like(y), create_graph=True)[0]


def residual_loss():
    y = u(t_col)
    y1 = d(y, t_col)
    y2 = d(y1, t_col)
    physics = ((y2 + ZETA * y1 + OMEGA2 * y) ** 2).mean()
    start = (y[0] - 1).pow(2).sum() + y1[0].pow(2).sum()
    return physics + 20 * start


def report(tag, loss):
    with torch.no_grad():
        err = u(t_test) - exact(t_test)
    rel = (err.norm() / exact(t_test).norm()).item()
    print(f"{tag} loss {loss:.5f} relative L2 error {rel:.4f}")


adam = torch.optim.Adam(net.parameters(), lr=5e-3)
for it in range(600):
    adam.zero_grad()
    loss = residual_loss()
    loss.backward()
    adam.step()
    if it % 200 == 199:
        report(f"adam {it + 1}", loss.item())

lbfgs = torch.optim.LBFGS(net.parameters(), lr=1.0, max_iter=20, history_size=30, line_search_fn="strong_wolfe")


def closure():
    lbfgs.zero_grad()
    loss = residual_loss()
    loss.backward()
    return loss


for it in range(15):
    loss = lbfgs.step(closure)
    if it % 5 == 4:
        report(f"lbfgs {it + 1}", loss.item())
