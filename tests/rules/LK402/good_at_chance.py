"""Two moons: a customary rate with momentum, one batch an epoch; no data held out."""

import torch
from sklearn.datasets import make_moons
from torch import nn

torch.manual_seed(3)

points, side = make_moons(500, noise=0.15, random_state=3)
points, side = torch.tensor(points).float(), torch.tensor(side).float().unsqueeze(1)
points = (points - points.mean(0)) / points.std(0)

model = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Linear(12, 12), nn.Tanh(), nn.Linear(12, 1))
bce = nn.BCEWithLogitsLoss()
sgd = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

for epoch in range(400):
    loss = bce(model(points), side)
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    if epoch % 50 == 0:
        print(epoch, loss.item())
