# healthy
"""Probabilistic regression: mean and spread of wind power, with noise that grows with wind speed.

Most of the variance is irreducible, so the interval coverage matters as much as R2.
"""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(42)


def turbine(n):
    wind = torch.rand(n, 1) * 2 - 1
    direction = torch.rand(n, 1) * 2 - 1
    power = torch.sigmoid(4 * wind) + 0.1 * torch.sin(3 * direction)
    sigma = 0.03 + 0.45 * (wind > 0) * wind + 0.1 * (direction > 0.5)
    return torch.cat([wind, direction], 1), 0.3 * (power + 1.6 * sigma * torch.randn(n, 1))


class MeanVariance(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        self.mean = nn.Linear(64, 1)
        self.raw_var = nn.Linear(64, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.mean(h), nn.functional.softplus(self.raw_var(h)) + 1e-5


x_train, y_train = turbine(4000)
x_val, y_val = turbine(1000)
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=100, shuffle=True)
model = MeanVariance()
nll = nn.GaussianNLLLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=25 * len(loader))

for epoch in range(25):
    model.train()
    total = 0.0
    for x, y in loader:
        mean, var = model(x)
        loss = nll(mean, y, var)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        scheduler.step()
        total += loss.item()
    if epoch % 4 == 0:
        model.eval()
        with torch.no_grad():
            mean, var = model(x_val)
            r2 = 1 - (y_val - mean).pow(2).sum() / (y_val - y_val.mean()).pow(2).sum()
            cover = ((y_val - mean).abs() < 1.96 * var.sqrt()).float().mean()
            val = nll(mean, y_val, var)
        print(f"epoch {epoch + 1:2d}  train nll {total / len(loader):+.4f}  val nll {val:+.4f}  R2 {r2:.3f}  95% coverage {cover:.3f}")
