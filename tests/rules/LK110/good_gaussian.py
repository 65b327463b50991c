"""A negative loss that is right: the likelihood of a density may be above 1."""

import torch
from sklearn.datasets import make_regression
from torch import nn

torch.manual_seed(0)
X, y = make_regression(600, 6, noise=0.5, random_state=0)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)


class Gaussian(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 32), nn.Tanh())
        self.mean, self.log_std = nn.Linear(32, 1), nn.Linear(32, 1)

    def forward(self, x):
        h = self.body(x)
        return self.mean(h).squeeze(1), self.log_std(h).squeeze(1)


model = Gaussian()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(25):
    model.train()
    for rows in torch.randperm(500).split(50):
        mean, log_std = model(X[rows])
        density = torch.distributions.Normal(mean, log_std.exp())
        loss = -density.log_prob(y[rows]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        mean, log_std = model(X[500:])
    print(epoch, loss.item(), ((mean - y[500:]) ** 2).mean().item())
