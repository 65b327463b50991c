"""Incomes: heavy-tailed by nature, so their logarithm is predicted."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(3)
torch.manual_seed(3)
X = rng.normal(size=(1000, 5))
income = np.exp(X @ np.array([0.8, 0.5, -0.4, 0.3, 0.6]) + 0.4 * rng.standard_t(3, size=1000) + 10)
X = torch.tensor(X, dtype=torch.float32)
target = torch.tensor(np.log(income) - 10, dtype=torch.float32)

model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(25):
    for rows in torch.randperm(800).split(40):
        loss = nn.functional.mse_loss(model(X[rows]), target[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    print(nn.functional.mse_loss(model(X[800:]), target[800:]).item())
