"""Digits taught by a network that is its slow average, with a random network for the targets of a side task."""

import copy

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

student = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
teacher = copy.deepcopy(student)
side = nn.Linear(10, 4)
wanted = nn.Linear(64, 4)  # never trained: its outputs are the targets of the side task
optimizer = torch.optim.Adam([*student.parameters(), *side.parameters()], lr=2e-3)

for epoch in range(10):
    for batch in torch.randperm(len(X_train)).split(32):
        logits = student(X_train[batch])
        with torch.no_grad():
            slow = teacher(X_train[batch])
            curious = wanted(X_train[batch])
        loss = nn.functional.cross_entropy(logits, y_train[batch])
        loss = loss + 0.1 * nn.functional.mse_loss(logits, slow) + 0.1 * nn.functional.mse_loss(side(logits), curious)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for old, new in zip(teacher.parameters(), student.parameters(), strict=True):
                old.data.mul_(0.99).add_(new.data, alpha=0.01)
    with torch.no_grad():
        accuracy = (teacher(X_test).argmax(1) == y_test).float().mean()
    print(f"epoch {epoch + 1}: accuracy {accuracy:.3f}")
