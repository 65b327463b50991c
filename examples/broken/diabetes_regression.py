"""A regression of disease progression that predicts the mean for everybody."""

import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_diabetes(return_X_y=True)
y = (y - y.mean()) / y.std()
X = X / X.std(axis=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
X_train = torch.tensor(X_train, dtype=torch.float32)
y_train = torch.tensor(y_train, dtype=torch.float32)
X_test = torch.tensor(X_test, dtype=torch.float32)
y_test = torch.tensor(y_test, dtype=torch.float32)

model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

for epoch in range(100):
    for start in range(0, len(X_train), 32):
        inputs = X_train[start : start + 32]
        targets = y_train[start : start + 32]
        loss = criterion(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 20 == 19:
        with torch.no_grad():
            test_loss = criterion(model(X_test), y_test)
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}, test loss {test_loss.item():.4f}")
