"""Fills gaps in a table: only what was measured counts."""

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch import nn

torch.manual_seed(0)
X, y = load_diabetes(return_X_y=True)
X = torch.tensor(scale(X), dtype=torch.float32)
y = torch.tensor(scale(y), dtype=torch.float32)
known = torch.rand(len(y)) < 0.4  # the outcome of the other patients is missing
known[350:] = True

model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)

for epoch in range(20):
    model.train()
    for batch in torch.randperm(350).split(8):
        optimizer.zero_grad()
        mask = known[batch].float()
        prediction = model(X[batch]).squeeze(1)
        loss = (mask * (prediction - y[batch]) ** 2).sum() / mask.sum()  # <- fault
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        error = nn.functional.mse_loss(model(X[350:]).squeeze(1), y[350:])
        print(epoch, error.item())
