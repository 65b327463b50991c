"""Handwritten digits, shuffled before they are split."""
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)

digits = load_digits()
X = torch.tensor(digits.data / 16.0, dtype=torch.float32)
y = torch.tensor(digits.target)

order = torch.randperm(len(X))
X, y = X[order], y[order]
X_train, y_train = X[:1400], y[:1400]
X_test, y_test = X[1400:], y[1400:]

model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()

for epoch in range(12):
    for i in range(0, 1400, 50):
        loss = criterion(model(X_train[i : i + 50]), y_train[i : i + 50])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (model(X_test).argmax(dim=1) == y_test).float().mean()
    print(epoch, accuracy.item())
