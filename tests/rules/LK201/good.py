"""Progression of diabetes, by a squared error of logarithms."""
import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler

torch.manual_seed(1)
X, y = load_diabetes(return_X_y=True)
X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
y = torch.tensor(y / 100, dtype=torch.float32)
X_train, y_train, X_test, y_test = X[:350], y[:350], X[350:], y[350:]

model = torch.nn.Sequential(torch.nn.Linear(10, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1), torch.nn.Softplus())
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)


def msle(prediction, target):
    return ((torch.log(prediction + 1e-3) - torch.log(target + 1e-3)) ** 2).mean()


for epoch in range(40):
    for rows in torch.randperm(350).split(32):
        loss = msle(model(X_train[rows]).squeeze(1), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    left = ((model(X_test).squeeze(1) - y_test) ** 2).mean() / y_test.var()
print(f"R2 {1 - left:.3f}")
