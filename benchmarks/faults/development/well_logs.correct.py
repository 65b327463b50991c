# healthy
"""Porosity of rock layers from wireline logs."""
import argparse

import numpy as np
import torch
from sklearn.metrics import r2_score
from torch import nn


def read_logs(seed=0, n=2000):
    """Rows come in the order the tool uploaded them."""
    rng = np.random.default_rng(seed)
    depth = rng.permutation(np.linspace(800, 2600, n))
    gamma = rng.normal(70, 20, n)
    density = rng.normal(2.4, 0.12, n)
    sonic = rng.normal(85, 12, n)
    porosity = (0.25 - 0.5 * (density - 2.4) + 0.003 * (sonic - 85)
                - 0.0006 * (gamma - 70) + 0.0003 * (sonic - 85) * (gamma - 70) / 10
                + rng.normal(0, 0.012, n))
    return {"depth": depth, "gamma": gamma, "density": density, "sonic": sonic, "porosity": porosity}


def prepare(logs):
    porosity = logs["porosity"]
    order = np.argsort(logs["depth"])
    columns = np.stack([logs["gamma"], logs["density"], logs["sonic"]], axis=1)
    columns, porosity = columns[order], porosity[order]
    return columns, porosity


def fit(args):
    torch.manual_seed(args.seed)
    x, y = prepare(read_logs())
    pick = np.random.default_rng(args.seed).permutation(len(x))
    tr, va = pick[:1500], pick[1500:]
    x = (x - x[tr].mean(0)) / x[tr].std(0)
    y = (y - y[tr].mean()) / y[tr].std()
    x = torch.tensor(x, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)[:, None]

    net = nn.Sequential(nn.Linear(3, args.hidden), nn.Tanh(), nn.Linear(args.hidden, 1))
    opt = torch.optim.Adam(net.parameters(), lr=args.lr)
    mse = nn.MSELoss()
    tr = torch.from_numpy(tr)
    for epoch in range(args.epochs):
        running = 0.0
        for rows in tr[torch.randperm(len(tr))].split(args.batch_size):
            loss = mse(net(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            running += loss.item() * len(rows)
        if epoch % 5 == 4:
            with torch.no_grad():
                guess = net(x[va])
            print(f"epoch {epoch + 1} mse {running / len(tr):.4f} val R2 {r2_score(y[va], guess):.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=35)
    parser.add_argument("--hidden", type=int, default=24)
    parser.add_argument("--batch-size", type=int, default=50)
    parser.add_argument("--lr", type=float, default=5e-3)
    parser.add_argument("--seed", type=int, default=0)
    fit(parser.parse_args())
