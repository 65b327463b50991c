# healthy
import numpy as np
import torch
import torch.nn as nn

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class PinballLoss(nn.Module):
    def __init__(self, quantiles):
        super().__init__()
        self.register_buffer("q", torch.tensor(quantiles))

    def forward(self, pred, target):
        err = target.unsqueeze(1) - pred
        return torch.maximum(self.q * err, (self.q - 1) * err).mean()


class QuantileNet(nn.Module):
    def __init__(self, n_in, n_q, hidden=48):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n_in, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.base = nn.Linear(hidden, 1)
        self.gaps = nn.Linear(hidden, n_q - 1)

    def forward(self, x):
        h = self.body(x)
        low = self.base(h)
        return torch.cat([low, low + nn.functional.softplus(self.gaps(h)).cumsum(1)], dim=1)


def deliveries(n, rng):
    dist = rng.uniform(0.5, 12, n)
    hour = rng.uniform(8, 22, n)
    rain = rng.integers(0, 2, n)
    rush = np.exp(-((hour - 18) / 1.5) ** 2)
    mean = 8 + 2.6 * dist + 10 * rush + 4 * rain
    noise = rng.gamma(2.0, 1.0 + 0.25 * dist + 2.0 * rush, n)
    X = np.stack([(dist - 6.25) / 3.3, (hour - 15) / 4.0, rain * 2.0 - 1], 1)
    return X.astype(np.float32), (mean + noise).astype(np.float32)


def main():
    torch.manual_seed(15)
    rng = np.random.default_rng(15)
    X, y = deliveries(5000, rng)
    m, s = y[:4000].mean(), y[:4000].std()
    X, y = torch.from_numpy(X), torch.from_numpy((y - m) / s)
    Xtr, ytr, Xte, yte = X[:4000], y[:4000], X[4000:], y[4000:]
    net = QuantileNet(3, len(QUANTILES))
    crit = PinballLoss(QUANTILES)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, [12, 18], gamma=0.3)
    for epoch in range(22):
        net.train()
        acc = 0.0
        for idx in torch.randperm(len(Xtr)).split(100):
            loss = crit(net(Xtr[idx]), ytr[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            acc += loss.item() * len(idx)
        sched.step()
        net.eval()
        with torch.no_grad():
            q = net(Xte)
            val = crit(q, yte).item()
            cover = ((yte >= q[:, 0]) & (yte <= q[:, -1])).float().mean().item()
        print(f"epoch {epoch + 1}: pinball {acc / len(Xtr):.4f} / {val:.4f}  90% interval covers {cover:.3f}")
    below = [(yte <= q[:, k]).float().mean().item() for k in range(len(QUANTILES))]
    print("calibration:", dict(zip(QUANTILES, np.round(below, 3))))


if __name__ == "__main__":
    main()
