"""Weak signal in much noise: an R² of about 0.3 is all there is."""

import torch
from torch import nn

torch.manual_seed(2)

x = torch.randn(800, 6)
y = x @ torch.tensor([[0.5], [-0.4], [0.3], [0.0], [0.0], [0.0]]) + torch.randn(800, 1)

model = nn.Linear(6, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)

for epoch in range(12):
    for rows in torch.randperm(600).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(epoch, nn.functional.mse_loss(model(x[600:]), y[600:]).item())
    model.train()
