# healthy
"""Samples arrive four at a time from a noisy instrument; learn on the go."""
import argparse
import torch
import torch.nn as nn

ap = argparse.ArgumentParser()
ap.add_argument("--steps", type=int, default=3000)
ap.add_argument("--chunk", type=int, default=4)
ap.add_argument("--lr", type=float, default=0.01)
args = ap.parse_args()

torch.manual_seed(55)


def truth(x):
    return torch.sin(2 * x[:, :1]) + 0.5 * x[:, 1:2] ** 2 - 0.7 * x[:, 2:3]


def instrument(n):
    x = torch.randn(n, 3)
    return x, (truth(x) - 0.5) + 0.8 * torch.randn(n, 1)


net = nn.Sequential(nn.Linear(3, 48), nn.Tanh(), nn.Linear(48, 24), nn.Tanh(), nn.Linear(24, 1))
opt = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.8)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=args.steps, eta_min=1e-4)
loss_fn = nn.MSELoss()

x_check = torch.randn(1000, 3)
y_check = truth(x_check) - 0.5

ema = None
for step in range(1, args.steps + 1):
    x, y = instrument(args.chunk)
    loss = loss_fn(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    ema = loss.item() if ema is None else 0.98 * ema + 0.02 * loss.item()
    if step % 300 == 0:
        with torch.no_grad():
            err = loss_fn(net(x_check), y_check).item()
        print(f"{step:5d} batch loss {loss.item():7.3f} smoothed {ema:.3f} "
              f"clean R2 {1 - err / y_check.var().item():.3f}")
