"""Diabetes progression from batches of two: a loss that is mostly noise."""
import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler

torch.manual_seed(0)
X, y = load_diabetes(return_X_y=True)
X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)
X_train, y_train, X_test, y_test = X[:350], y[:350], X[350:], y[350:]

model = torch.nn.Linear(10, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=2e-3)
for epoch in range(10):
    for rows in torch.randperm(350).split(2):
        loss = ((model(X_train[rows]).squeeze(1) - y_train[rows]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    left = ((model(X_test).squeeze(1) - y_test) ** 2).mean() / y_test.var()
print(f"R2 {1 - left:.3f}")
