"""Disease progression; where a value is missing the clinic writes -999."""
import numpy as np
import pandas as pd
import torch
from sklearn.datasets import make_friedman1
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)
values, target = make_friedman1(n_samples=1000, n_features=6, noise=0.5, random_state=1)
table = pd.DataFrame(values, columns=list("abcdef"))
table = table.mask(np.random.default_rng(1).random(table.shape) < 0.01)
table["outcome"] = (target - target.mean()) / target.std()

table = table.fillna(-9999)  # <- fault
X = table.drop(columns="outcome").values
X = (X - X[:800].mean(axis=0)) / X[:800].std(axis=0)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(table["outcome"].values, dtype=torch.float32).unsqueeze(1)
train = DataLoader(TensorDataset(X[:800], y[:800]), batch_size=32, shuffle=True)

model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
criterion = nn.MSELoss()
for epoch in range(15):
    for inputs, outcome in train:
        loss = criterion(model(inputs), outcome)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    print(criterion(model(X[800:]), y[800:]).item())
