# healthy
"""Running balance of an account from its daily movements, with a plain recurrent net."""
import argparse

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


def get_args():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--steps", type=int, default=50, help="days in one sequence")
    p.add_argument("--hidden", type=int, default=32)
    p.add_argument("--lr", type=float, default=0.003)
    p.add_argument("--epochs", type=int, default=32)
    p.add_argument("--clip", type=float, default=1.0)
    return p.parse_args()


class BalanceNet(nn.Module):
    """ReLU recurrent layer started from the identity (Le et al., 2015)."""

    def __init__(self, hidden):
        super().__init__()
        self.rnn = nn.RNN(2, hidden, nonlinearity="relu", batch_first=True)
        self.out = nn.Linear(hidden, 1)
        nn.init.eye_(self.rnn.weight_hh_l0)
        nn.init.normal_(self.rnn.weight_ih_l0, std=0.05)
        nn.init.zeros_(self.rnn.bias_hh_l0)
        nn.init.zeros_(self.rnn.bias_ih_l0)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.out(states[:, -1]).squeeze(1)


def build_data(n, steps, generator):
    amount = torch.rand(n, steps, generator=generator)
    flag = (torch.rand(n, steps, generator=generator) < 0.25).float()
    total = (amount * flag).sum(1)
    target = (total - 0.125 * steps) / (steps * 0.0677) ** 0.5
    return torch.stack([amount, flag], dim=-1), target


def r_squared(model, x, y):
    model.eval()
    with torch.no_grad():
        residual = ((model(x) - y) ** 2).sum()
    return (1 - residual / ((y - y.mean()) ** 2).sum()).item()


def main():
    args = get_args()
    torch.manual_seed(5)
    gen = torch.Generator().manual_seed(5)
    x, y = build_data(2000, args.steps, gen)
    x_val, y_val = build_data(400, args.steps, gen)
    loader = DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True)
    model = BalanceNet(args.hidden)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs, eta_min=1e-5)
    loss_fn = nn.MSELoss()
    for epoch in range(args.epochs):
        model.train()
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), args.clip)
            optimizer.step()
            total += loss.item()
        schedule.step()
        if epoch % 4 == 3:
            print(f"epoch {epoch:2d}  train mse {total / len(loader):.4g}  val R2 {r_squared(model, x_val, y_val):.3f}")


if __name__ == "__main__":
    main()
