"""A function of five variables; the rate decays as it would over ten times as few batches."""

import torch
from sklearn.datasets import make_friedman1
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR

torch.manual_seed(0)

X, y = make_friedman1(1000, n_features=6, noise=0.3, random_state=0)
X, y = torch.tensor(X * 2 - 1).float(), torch.tensor(y).float().unsqueeze(1)
y = (y - y.mean()) / y.std()

model = nn.Sequential(nn.Linear(6, 48), nn.GELU(), nn.Linear(48, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
decay = ExponentialLR(optimizer, gamma=0.97)

for epoch in range(30):
    model.train()
    for batch in torch.randperm(800).split(32):
        loss = criterion(model(X[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        decay.step()  # <- fault
    model.eval()
    with torch.no_grad():
        print(epoch, criterion(model(X[800:]), y[800:]).item())
