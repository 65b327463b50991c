# fault: LK106 line 36, 50
"""One-step-ahead load forecast with a GRU and a pinball loss (median + spread)."""
import math
import torch
import torch.nn as nn

torch.manual_seed(21)
torch.set_num_threads(1)


def make_series(n=1400):
    t = torch.arange(n, dtype=torch.float32)
    s = torch.sin(2 * math.pi * t / 24) + 0.5 * torch.sin(2 * math.pi * t / 168) + 0.1 * torch.randn(n)
    return (s - s.mean()) / s.std()


def windows(series, length):
    xs = series.unfold(0, length, 1)[:-1].unsqueeze(-1)
    ys = series[length:]
    return xs, ys


def pinball(pred, target, q=0.5):
    err = target - pred
    return torch.maximum(q * err, (q - 1) * err).mean()


class Forecaster(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x):
        _, h = self.gru(x)
        return self.head(h[-1])


series = make_series()
xs, ys = windows(series, 24)
split = 1100
x_tr, y_tr, x_va, y_va = xs[:split], ys[:split], xs[split:], ys[split:]

net = Forecaster()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(12):
    net.train()
    tot, nb = 0.0, 0
    for idx in torch.randperm(split).split(44):
        loss = pinball(net(x_tr[idx]), y_tr[idx])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        tot, nb = tot + loss.item(), nb + 1
    net.eval()
    with torch.no_grad():
        yhat = net(x_va).view(-1)
        mae = (yhat - y_va).abs().mean().item()
        r2 = 1 - ((yhat - y_va) ** 2).sum() / ((y_va - y_va.mean()) ** 2).sum()
    print('epoch {:2d} pinball {:.4f} val MAE {:.3f} R2 {:.3f}'.format(epoch, tot / nb, mae, r2.item()))
