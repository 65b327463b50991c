"""Digits 0-4, then 5-9 with a new last layer, which the second optimizer is made after."""

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16.0, dtype=torch.float32), torch.tensor(y)
low = y < 5


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 16), nn.Tanh())
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        return self.head(self.body(x))


def train(net, optimizer, x, y, epochs):
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
            optimizer.step()


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
train(net, optimizer, X[low], y[low], 5)

net.body.requires_grad_(False)
net.head = nn.Linear(16, 5)
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
train(net, optimizer, X[~low], y[~low] - 5, 20)
with torch.no_grad():
    print((net(X[~low]).argmax(1) == y[~low] - 5).float().mean())
