# healthy
"""Forecast the next reading of a wave buoy with an LSTM."""
import math

import torch
import torch.nn as nn


def buoy_series(n, seed):
    g = torch.Generator().manual_seed(seed)
    t = torch.arange(n).float()
    swell = torch.sin(2 * math.pi * t / 23) + 0.6 * torch.sin(2 * math.pi * t / 9 + 1.0)
    return (swell + 0.08 * torch.randn(n, generator=g)) / 0.85


def windows(series, length):
    x = series.unfold(0, length + 1, 1)
    return x[:, :length].unsqueeze(-1), x[:, length]


class Forecaster(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1]).squeeze(-1)


def mse(pred, target):
    return ((pred - target) ** 2).mean()


torch.manual_seed(9)
WINDOW, BATCH, EPOCHS = 24, 32, 15
series = buoy_series(1500, seed=3)
train_x, train_y = windows(series[:1200], WINDOW)
val_x, val_y = windows(series[1200:], WINDOW)

model = Forecaster()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(EPOCHS):
    model.train()
    losses = []
    order = torch.randperm(len(train_x))
    for k in range(0, len(order), BATCH):
        pick = order[k:k + BATCH]
        loss = mse(model(train_x[pick]), train_y[pick])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        forecast = model(val_x).flatten()
    r2 = 1 - ((forecast - val_y) ** 2).sum() / ((val_y - val_y.mean()) ** 2).sum()
    print(f"epoch {epoch + 1:2d} train mse {sum(losses) / len(losses):.4f} val R2 {r2.item():.4f}")
