# fault: LK304 line 11
"""Fit a nonlinear sensor response with a small gated network."""
import math
import torch
from torch import nn

torch.manual_seed(9)


class GatedLayer(nn.Module):
    def __init__(self, n_in, n_out, sharpness=60.0):
        super().__init__()
        self.lin = nn.Linear(n_in, n_out)
        self.sharpness = sharpness

    def forward(self, x):
        return torch.tanh(self.sharpness * self.lin(x))


class SensorNet(nn.Module):
    def __init__(self, n_in=6, width=32):
        super().__init__()
        self.g1 = GatedLayer(n_in, width)
        self.g2 = GatedLayer(width, width)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        return self.out(self.g2(self.g1(x))).squeeze(-1)


def response(x):
    y = torch.sin(1.5 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] - 0.3 * x[:, 4]
    return y / 1.5


def r2_score(y, p):
    return (1 - (y - p).square().sum() / (y - y.mean()).square().sum()).item()


def train(epochs=80, batch=64, lr=5e-3):
    x = torch.randn(2000, 6)
    y = response(x) + 0.1 * torch.randn(2000)
    xt, yt, xv, yv = x[:1500], y[:1500], x[1500:], y[1500:]
    net = SensorNet()
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=25, gamma=0.3)
    crit = nn.MSELoss()
    for ep in range(epochs):
        net.train()
        perm = torch.randperm(len(xt))
        for i in range(0, len(xt), batch):
            j = perm[i:i + batch]
            opt.zero_grad()
            loss = crit(net(xt[j]), yt[j])
            loss.backward()
            opt.step()
        sched.step()
        if ep % 20 == 19:
            net.eval()
            with torch.no_grad():
                print(f"{ep + 1:3d} train mse {crit(net(xt), yt):.4f} val r2 {r2_score(yv, net(xv)):.4f}")
    net.eval()
    with torch.no_grad():
        print("val R2 =", round(r2_score(yv, net(xv)), 4))


if __name__ == "__main__":
    train()
