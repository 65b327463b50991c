"""Digits with dropout, evaluated."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

model = nn.Sequential(
    nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.6), nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.6), nn.Linear(64, 10)
)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

for epoch in range(10):
    model.train()
    for batch in torch.randperm(len(X_train)).split(32):
        loss = nn.functional.cross_entropy(model(X_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    with torch.no_grad():  # <- fault
        logits = model(X_test)
        accuracy = (logits.argmax(1) == y_test).float().mean()
        print(f"epoch {epoch + 1}: loss {nn.functional.cross_entropy(logits, y_test):.4g}, accuracy {accuracy:.3f}")
