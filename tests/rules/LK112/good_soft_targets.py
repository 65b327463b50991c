"""Mixed samples with mixed labels: probabilities, not several labels."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(0)
X, y = load_wine(return_X_y=True)
X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
y = torch.tensor(y)
order = torch.randperm(len(X))
train, test = order[:130], order[130:]
model = nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(20):
    model.train()
    for rows in train[torch.randperm(130)].split(26):
        part = torch.distributions.Beta(0.4, 0.4).sample()
        partner = rows[torch.randperm(len(rows))]
        mixed = part * X[rows] + (1 - part) * X[partner]
        labels = part * F.one_hot(y[rows], 3) + (1 - part) * F.one_hot(y[partner], 3)
        loss = F.cross_entropy(model(mixed), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(epoch, loss.item(), (model(X[test]).argmax(1) == y[test]).float().mean().item())
