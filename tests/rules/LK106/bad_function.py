"""A quantile of a curve, with a loss function of its own that takes predictions (N, 1) and targets (N,)."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(600, 3)
y = torch.sin(2 * x[:, 0]) + 0.5 * x[:, 1] + 0.1 * torch.randn(600)


def quantile_loss(output, truth, level):
    left = truth - output
    above = torch.maximum(level * left, (level - 1) * left)
    return above.mean()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 24), nn.Tanh(), nn.Linear(24, 1))

    def forward(self, inputs):
        hidden = inputs * 1.0
        return self.layers(hidden)


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(20):
    for rows in torch.randperm(600).split(40):
        loss = quantile_loss(net(x[rows]), y[rows], 0.5)  # <- fault
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
