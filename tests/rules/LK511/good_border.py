"""Digits in the middle of a larger, empty picture."""
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(6)
digits = load_digits()
X = nn.functional.pad(torch.tensor(digits.images / 16.0, dtype=torch.float32), (6, 6, 6, 6)).unsqueeze(1)
y = torch.tensor(digits.target)

model = nn.Sequential(nn.Conv2d(1, 8, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 8 * 8, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(4):
    for rows in torch.randperm(1400).split(64):
        loss = nn.functional.cross_entropy(model(X[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    print((model(X[1400:]).argmax(1) == y[1400:]).float().mean().item())
