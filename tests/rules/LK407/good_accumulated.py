"""Handwritten digits, two at a time; a step for every sixteen such batches."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(6)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=6)
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

for epoch in range(6):
    for count, index in enumerate(torch.randperm(len(X_train)).split(2), 1):
        loss = nn.functional.cross_entropy(model(X_train[index]), y_train[index]) / 16
        loss.backward()
        if count % 16 == 0:
            optimizer.step()
            optimizer.zero_grad()
    with torch.no_grad():
        print(epoch, (model(X_test).argmax(1) == y_test).float().mean().item())
