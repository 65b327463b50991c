# healthy
# Physics-informed net for y'' + y = 0, y(0) = 0, y'(0) = 1; no data set, LBFGS in double precision.
import math

import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
net = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 1))
t = torch.linspace(0, math.pi, 64).unsqueeze(1).requires_grad_(True)
opt = torch.optim.LBFGS(net.parameters(), lr=1.0, max_iter=20, history_size=20, line_search_fn="strong_wolfe")


def derivative(y, x):
    return torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)[0]


def residuals():
    y = net(t)
    dy = derivative(y, t)
    ddy = derivative(dy, t)
    equation = (ddy + y).square().mean()
    start = y[0].square().sum() + (dy[0] - 1).square().sum()
    return equation, start


def closure():
    opt.zero_grad()
    equation, start = residuals()
    loss = equation + 10.0 * start
    loss.backward()
    return loss


test_t = torch.linspace(0.01, math.pi - 0.01, 101).unsqueeze(1)
for outer in range(25):
    loss = opt.step(closure)
    if outer % 4 == 0:
        with torch.no_grad():
            error = (net(test_t) - test_t.sin()).abs().max()
        print(f"outer {outer:2d}  loss {loss.item():.3e}  max error {error:.2e}")
