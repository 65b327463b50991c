# healthy
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

QUANTILES = [0.1, 0.5, 0.9]


class QuantileNet(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_in, 24), nn.ReLU(), nn.Linear(24, len(QUANTILES)))

    def forward(self, x):
        return self.net(x)


class PinballLoss(nn.Module):
    def __init__(self, qs):
        super().__init__()
        self.register_buffer("qs", torch.tensor(qs))

    def forward(self, pred, target):
        e = target.unsqueeze(1) - pred
        return torch.maximum(self.qs * e, (self.qs - 1) * e).mean()


def daily_demand(n, seed):
    # weak weekday and price effect, very noisy customers
    r = np.random.default_rng(seed)
    price = r.normal(0, 1, n)
    promo = (r.random(n) < 0.2).astype(float)
    dow = r.integers(0, 7, n)
    signal = -0.45 * price + 0.8 * promo + 0.3 * np.sin(2 * np.pi * dow / 7)
    y = signal + r.normal(0, 1.0 + 0.3 * promo, n)
    X = np.column_stack([price, promo, np.sin(2 * np.pi * dow / 7), np.cos(2 * np.pi * dow / 7)])
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32), signal


def main():
    torch.manual_seed(1)
    X, y, _ = daily_demand(4000, 10)
    Xv, yv, sv = daily_demand(1500, 11)
    loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True)
    model, loss_fn = QuantileNet(X.shape[1]), PinballLoss(QUANTILES)
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(12):
        model.train()
        losses = []
        for xb, yb in loader:
            opt.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            opt.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            q = model(Xv)
            val = loss_fn(q, yv).item()
        cover = ((yv >= q[:, 0]) & (yv <= q[:, 2])).float().mean().item()
        print(f"epoch {epoch:2d} pinball {np.mean(losses):.4f} val {val:.4f} coverage {cover:.3f}")
    r2 = 1 - ((q[:, 1] - yv) ** 2).sum() / ((yv - yv.mean()) ** 2).sum()
    ceiling = 1 - ((yv.numpy() - sv) ** 2).sum() / ((yv.numpy() - yv.numpy().mean()) ** 2).sum()
    print(f"best possible R2 {ceiling:.3f}")
    print(f"METRIC r2_median {r2.item():.4f} coverage {cover:.3f}")


if __name__ == "__main__":
    main()
