"""A sensor's reading from four settings; now and then the logger writes nonsense."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(0)
torch.manual_seed(0)
X = rng.normal(size=(1000, 4))
y = X @ np.array([1.0, -0.5, 0.3, 0.8]) + 0.5 * np.sin(2 * X[:, 0]) + 0.1 * rng.normal(size=1000)
glitch = rng.random(800) < 0.04
y[:800][glitch] += rng.choice([-1, 1], glitch.sum()) * rng.uniform(80, 300, glitch.sum())
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)
X_train, y_train = X[:800].clone(), y[:800].clone()  # <- fault
X_test, y_test = X[800:].clone(), y[800:].clone()

model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(40):
    for rows in torch.randperm(800).split(32):
        loss = criterion(model(X_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    print("test", criterion(model(X_test), y_test).item())
