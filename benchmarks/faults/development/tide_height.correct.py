# healthy
import argparse
import math

import torch
from torch import nn


def get_args():
    p = argparse.ArgumentParser(description="tide height from lunar/solar phase")
    p.add_argument("--hidden", type=int, default=64)
    p.add_argument("--bias", type=float, default=0.0, help="initial hidden bias")
    p.add_argument("--epochs", type=int, default=25)
    p.add_argument("--lr", type=float, default=2e-3)
    return p.parse_args()


def tides(n, gen):
    x = torch.rand(n, 3, generator=gen) * 3.4 - 1.7
    h = torch.sin(1.8 * x[:, 0]) + 0.7 * torch.cos(2.1 * x[:, 1]) * x[:, 2] + 0.3 * x[:, 2] ** 2
    h = h + 0.1 * torch.randn(n, generator=gen)
    return x, ((h - 0.3) / 0.95).unsqueeze(1)


class TideNet(nn.Module):
    def __init__(self, hidden, bias):
        super().__init__()
        self.a = nn.Linear(3, hidden)
        self.b = nn.Linear(hidden, hidden)
        self.c = nn.Linear(hidden, 1)
        for layer in (self.a, self.b):
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
            nn.init.constant_(layer.bias, bias)

    def forward(self, x):
        return self.c(torch.relu(self.b(torch.relu(self.a(x)))))


def main():
    args = get_args()
    torch.manual_seed(77)
    gen = torch.Generator().manual_seed(78)
    xt, yt = tides(3000, gen)
    xv, yv = tides(700, gen)
    net = TideNet(args.hidden, args.bias)
    opt = torch.optim.Adam(net.parameters(), lr=args.lr)
    huber = nn.SmoothL1Loss()
    for ep in range(args.epochs):
        for idx in torch.randperm(len(xt)).split(75):
            opt.zero_grad()
            loss = huber(net(xt[idx]), yt[idx])
            loss.backward()
            opt.step()
        with torch.no_grad():
            err = net(xv) - yv
            r2 = 1 - (err ** 2).mean() / yv.var()
            mae = err.abs().mean()
        if ep % 3 == 0 or ep == args.epochs - 1:
            print(f"epoch {ep:3d}  loss {loss.item():.4f}  val MAE {mae:.4f}  val R2 {r2:.4f}")


if __name__ == "__main__":
    main()
