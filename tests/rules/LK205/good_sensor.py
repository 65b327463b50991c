"""A filter learned while its signal comes in; now and then somebody hits the sensor."""

import argparse

import torch
from torch import nn


class Filter(nn.Module):
    def __init__(self, taps, hidden):
        super().__init__()
        self.hidden = nn.Linear(taps, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))


def readings(count, size, hit, share):
    for _ in range(count):
        x = torch.randn(size, 8)
        if torch.rand(1) < share:
            x = hit * x
        yield x, torch.sin(x[:, :1]) + 0.5 * torch.tanh(x[:, 1:2] * x[:, 2:3])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--hit", type=float, default=30)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--clip", type=float, default=1.0)
    args = parser.parse_args()

    torch.manual_seed(0)
    model = Filter(8, 64)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
    for step, (x, y) in enumerate(readings(args.steps, 32, args.hit, args.share)):
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), args.clip)
        optimizer.step()
        if step % 50 == 49:
            print(f"{step + 1}: loss {loss.item():.4f}")

    with torch.no_grad():
        for x, y in readings(3, 200, args.hit, 0.0):
            print(f"quiet: {nn.functional.mse_loss(model(x), y).item():.4f}")


if __name__ == "__main__":
    main()
