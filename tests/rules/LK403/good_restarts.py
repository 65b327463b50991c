"""Noisy moons: a rate that is started anew again and again, and a long momentum."""

import torch
from sklearn.datasets import make_moons
from torch import nn

torch.manual_seed(1)
X, y = make_moons(1200, noise=0.35, random_state=1)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
X_train, y_train, X_test, y_test = X[:900], y[:900], X[900:], y[900:]

model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.95)
schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=10)

for epoch in range(30):
    for index in torch.randperm(900).split(30):
        loss = nn.functional.binary_cross_entropy_with_logits(model(X_train[index]).squeeze(1), y_train[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    schedule.step()
    with torch.no_grad():
        print(epoch, ((model(X_test).squeeze(1) > 0) == y_test.bool()).float().mean().item())
