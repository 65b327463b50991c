"""Rare alarms, weighted by their rarity."""

import torch
from sklearn.datasets import make_classification
from torch import nn

torch.manual_seed(4)

X, y = make_classification(
    6000, 10, n_informative=5, n_clusters_per_class=2, weights=[0.96], class_sep=0.6, flip_y=0, random_state=4
)
X, y = torch.tensor(X).float(), torch.tensor(y).float()

net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(24.0))
adam = torch.optim.Adam(net.parameters(), lr=2e-3)

for epoch in range(10):
    for batch in torch.randperm(4800).split(64):
        adam.zero_grad()
        loss = criterion(net(X[batch]).squeeze(1), y[batch])
        loss.backward()
        adam.step()
    with torch.no_grad():
        alarms = net(X[4800:]).squeeze(1) > 0
    print(f"{epoch}: loss {loss.item():.3f}, found {(alarms & (y[4800:] == 1)).sum()} of {int(y[4800:].sum())}")
