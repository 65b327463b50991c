# healthy
"""Response model for mailed offers, corrected for who was chosen to get one.

The mailing policy logged its own probability of choosing each customer; the
loss weights every row by the inverse of that probability.
"""
import numpy as np
import torch
from torch import nn


def campaign(n, rng):
    x = rng.normal(size=(n, 8))
    spend = 1.4 * np.sin(1.5 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.7 * x[:, 3] + rng.normal(0, 0.3, n)
    chance = 1 / (1 + np.exp(-(4.0 * x[:, 0] + 3.0 * x[:, 4] + 1.0)))
    return x.astype("float32"), spend.astype("float32"), chance.astype("float32")


rng = np.random.default_rng(12)
torch.manual_seed(12)
x, spend, chance = campaign(6000, rng)
mailed = rng.random(len(x)) < chance
x, spend, chance = map(torch.from_numpy, (x[mailed], spend[mailed], chance[mailed]))
weight = (1.0 / chance).clamp(max=8.0)
vx, vspend, _ = campaign(1500, rng)
vx = torch.from_numpy(vx)

model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-4)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 20, gamma=0.5)

for epoch in range(30):
    order = torch.randperm(len(x))
    worst = total = 0.0
    for idx in order.split(32):
        pred = model(x[idx]).squeeze(-1)
        loss = (weight[idx] * (pred - spend[idx]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        worst = max(worst, loss.item())
        total += loss.item() * len(idx)
    scheduler.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            p = model(vx).squeeze(-1).numpy()
        r2 = 1 - ((p - vspend) ** 2).mean() / vspend.var()
        print(f"epoch {epoch + 1} loss {total / len(x):.3f} worst batch {worst:.1f} val R2 {r2:.3f}")
