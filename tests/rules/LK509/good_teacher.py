"""Digits: a teacher with dropout, put to evaluation for good, and a student that learns from it."""

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16.0, dtype=torch.float32), torch.tensor(y)
X_train, y_train, X_test, y_test = X[:1300], y[:1300], X[1300:], y[1300:]


def train(model, loss_of, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(epochs):
        model.train()
        for rows in torch.randperm(len(X_train)).split(50):
            loss = loss_of(model(X_train[rows]), rows)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        return (model(X_test).argmax(1) == y_test).float().mean().item()


teacher = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 10))
print(train(teacher, lambda output, rows: nn.functional.cross_entropy(output, y_train[rows]), 10))
with torch.no_grad():
    soft = teacher(X_train).softmax(1)
student = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
print(train(student, lambda output, rows: nn.functional.cross_entropy(output, soft[rows]), 15))
