# healthy
"""Physics-informed net for a damped oscillator  u'' + 2 d u' + w^2 u = 0,  u(0)=1, u'(0)=0."""
import math

import torch
import torch.nn as nn

DAMP, OMEGA = 0.5, 4.0


def exact(t):
    w = math.sqrt(OMEGA ** 2 - DAMP ** 2)
    return torch.exp(-DAMP * t) * (torch.cos(w * t) + DAMP / w * torch.sin(w * t))


class PINN(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(1, width), nn.Tanh(),
            nn.Linear(width, width), nn.Tanh(),
            nn.Linear(width, 1),
        )

    def forward(self, t):
        return self.net(2 * t - 1)


def derivative(u, t):
    return torch.autograd.grad(u, t, torch.ones_like(u), create_graph=True)[0]


def main():
    torch.manual_seed(123)
    model = PINN()
    t0 = torch.zeros(1, 1, requires_grad=True)
    t_phys = torch.linspace(0, 1, 40).view(-1, 1).requires_grad_(True)
    t_test = torch.linspace(0, 1, 200).view(-1, 1)
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=600, gamma=0.3)

    for it in range(1500):
        opt.zero_grad()
        u0 = model(t0)
        loss_u0 = (u0 - 1.0).pow(2).mean()
        loss_du0 = derivative(u0, t0).pow(2).mean()
        u = model(t_phys)
        du = derivative(u, t_phys)
        ddu = derivative(du, t_phys)
        residual = ddu + 2 * DAMP * du + OMEGA ** 2 * u
        loss = loss_u0 + 0.1 * loss_du0 + 1e-3 * residual.pow(2).mean()
        loss.backward()
        opt.step()
        sched.step()
        if it % 150 == 149:
            with torch.no_grad():
                err = (model(t_test) - exact(t_test)).abs().max().item()
            print(f"iter {it + 1}: loss {loss.item():.3e}, max error {err:.4f}")
    with torch.no_grad():
        p, e = model(t_test), exact(t_test)
    print("METRIC r2", round((1 - (p - e).pow(2).sum() / (e - e.mean()).pow(2).sum()).item(), 5))


if __name__ == "__main__":
    main()
