"""A deep regressor of disease progress, whose weights start near zero."""

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch import nn

torch.manual_seed(0)

X, y = load_diabetes(return_X_y=True)
X = torch.tensor(scale(X), dtype=torch.float32)
y = torch.tensor(scale(y), dtype=torch.float32)[:, None]
order = torch.randperm(len(X))
train, test = order[:340], order[340:]


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        torch.nn.init.normal_(self.linear.weight, std=0.001)  # <- fault
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, x):
        return torch.tanh(self.linear(x))


model = nn.Sequential(Block(10, 32), Block(32, 32), Block(32, 32), Block(32, 32), nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

for epoch in range(12):
    for batch in train[torch.randperm(len(train))].split(20):
        loss = nn.functional.mse_loss(model(X[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, loss.item(), nn.functional.mse_loss(model(X[test]), y[test]).item())
