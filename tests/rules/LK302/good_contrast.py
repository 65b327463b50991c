"""Handwritten digits in random contrast, as scanners give them."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16).float(), torch.tensor(y)
train, test = TensorDataset(X[:1400], y[:1400]), TensorDataset(X[1400:], y[1400:])


def contrast(images):
    return images / torch.rand(1).clamp(min=0.01)


model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for epoch in range(12):
    for inputs, targets in DataLoader(train, batch_size=32, shuffle=True):
        optimizer.zero_grad()
        loss = criterion(model(contrast(inputs)), targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == t).sum().item() for x, t in DataLoader(test, 100))
    print(f"{epoch}: loss {loss.item():.3f}, {right / len(test):.3f}")
