"""A tenth of the labels are wrong, and samples come two at a time."""

import torch
from sklearn.datasets import make_classification
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(7)
X, y = make_classification(900, 10, n_informative=6, flip_y=0.2, random_state=7)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
train = DataLoader(TensorDataset(X[:600], y[:600]), batch_size=2, shuffle=True)

model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
optimizer = torch.optim.SGD(model.parameters(), lr=0.07)
for epoch in range(8):
    for x, t in train:
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(model(x), t).backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, ((model(X[600:]) > 0) == y[600:].bool()).float().mean().item())
