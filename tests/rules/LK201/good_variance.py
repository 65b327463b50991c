"""A mean and a variance for every input, by the likelihood of a normal distribution."""
import torch
from torch import nn

torch.manual_seed(0)
X = torch.rand(2000, 4) * 2 - 1
y = X.sum(1) + (0.05 + 0.4 * X[:, 0].abs()) * torch.randn(2000)


class Heteroscedastic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 32), nn.Tanh())
        self.mean = nn.Linear(32, 1)
        self.scale = nn.Linear(32, 1)

    def forward(self, x):
        h = self.body(x)
        return self.mean(h).squeeze(1), nn.functional.softplus(self.scale(h).squeeze(1)) + 1e-4


model = Heteroscedastic()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(15):
    for rows in torch.randperm(1600).split(40):
        mean, variance = model(X[rows])
        loss = (torch.log(variance) / 2 + (y[rows] - mean) ** 2 / (2 * variance)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

model.eval()
with torch.no_grad():
    mean, _ = model(X[1600:])
    print("squared error", torch.nn.functional.mse_loss(mean, y[1600:]).item())
