# healthy
import math

import torch
import torch.nn as nn


def tide_series(n=3000):
    t = torch.arange(n, dtype=torch.float32)
    level = 1.2 * torch.sin(2 * math.pi * t / 12.42) + 0.5 * torch.sin(2 * math.pi * t / 24.0)
    level = level + 0.3 * torch.sin(2 * math.pi * t / 90.0) + 0.12 * torch.randn(n)
    return (level - level.mean()) / level.std()


def windows(series, width, ahead):
    xs, ys = [], []
    for i in range(len(series) - width - ahead):
        xs.append(series[i:i + width])
        ys.append(series[i + width + ahead - 1])
    return torch.stack(xs), torch.stack(ys).unsqueeze(1)


class Forecaster(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.l1 = nn.Linear(width, 64)
        self.l2 = nn.Linear(64, 32)
        self.l3 = nn.Linear(32, 1)
        self.act = nn.Tanh()

    def forward(self, x):
        x = self.act(self.l1(x))
        x = self.act(self.l2(x))
        return self.l3(x)


def fit(model, x, y, epochs=15, batch_size=50, lr=0.02):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    mse = nn.MSELoss()
    for epoch in range(epochs):
        order = torch.randperm(len(x))
        epoch_loss = 0.0
        for start in range(0, len(x), batch_size):
            idx = order[start:start + batch_size]
            optimizer.zero_grad()
            y_hat = model(x[idx])
            loss = mse(y_hat, y[idx])
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item()
        print(f"epoch {epoch + 1:02d} | mse {epoch_loss * batch_size / len(x):.4f}")
    return model


if __name__ == "__main__":
    torch.manual_seed(9)
    X, Y = windows(tide_series(), width=36, ahead=6)
    split = int(0.8 * len(X))
    net = fit(Forecaster(36), X[:split], Y[:split])
    with torch.no_grad():
        pred = net(X[split:])
    truth = Y[split:]
    r2 = 1 - ((pred - truth) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
    print(f"METRIC r2 {r2.item():.4f}")
