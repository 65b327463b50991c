# healthy
"""Damped oscillator: fit a few measurements and the equation of motion together."""
import math
import torch
import torch.nn as nn

torch.manual_seed(10)

MASS, DAMP, SPRING = 1.0, 0.6, 4.0
W_DATA, W_PHYS, W_INIT = 1.0, 0.02, 5.0


def exact(t):
    d = DAMP / (2 * MASS)
    w = math.sqrt(SPRING / MASS - d * d)
    return torch.exp(-d * t) * (torch.cos(w * t) + d / w * torch.sin(w * t))


class Curve(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))

    def forward(self, t):
        return self.net(t / 1.6 - 1.0)


def residual(model, t):
    t = t.requires_grad_(True)
    u = model(t)
    du = torch.autograd.grad(u, t, torch.ones_like(u), create_graph=True)[0]
    d2u = torch.autograd.grad(du, t, torch.ones_like(du), create_graph=True)[0]
    return MASS * d2u + DAMP * du + SPRING * u, u, du


t_obs = torch.linspace(0, 2.4, 14).unsqueeze(1)
u_obs = exact(t_obs) + 0.01 * torch.randn_like(t_obs)
t_test = torch.linspace(0, 3.2, 200).unsqueeze(1)

model = Curve()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=500, gamma=0.4)

for step in range(1, 1501):
    opt.zero_grad()
    data_loss = ((model(t_obs) - u_obs) ** 2).mean()
    res, _, _ = residual(model, torch.rand(64, 1) * 3.2)
    phys_loss = (res ** 2).mean()
    _, u0, du0 = residual(model, torch.zeros(1, 1))
    init_loss = ((u0 - 1) ** 2 + du0 ** 2).mean()
    loss = W_DATA * data_loss + W_PHYS * phys_loss + W_INIT * init_loss
    loss.backward()
    opt.step()
    sched.step()
    if step % 300 == 0:
        with torch.no_grad():
            u = model(t_test)
            ref = exact(t_test)
            r2 = 1 - ((u - ref) ** 2).sum() / ((ref - ref.mean()) ** 2).sum()
        print(f"{step:5d} total {loss.item():.5f} data {data_loss.item():.5f} physics {phys_loss.item():.5f} "
              f"init {init_loss.item():.6f} R2 {r2.item():.4f}")
