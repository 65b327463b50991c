"""Digits, until the validation loss has not improved for five epochs."""

import copy

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(1)
digits = load_digits()
order = torch.randperm(1797)
X, y = torch.tensor(digits.data / 16, dtype=torch.float32)[order], torch.tensor(digits.target)[order]
model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
criterion = nn.CrossEntropyLoss()
EPOCHS, PATIENCE = 80, 5

best, bad_epochs, kept = None, 0, None
for epoch in range(EPOCHS):
    model.train()
    for rows in torch.randperm(1200).split(32):
        optimizer.zero_grad()
        criterion(model(X[rows]), y[rows]).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(X[1200:1500])
        loss = criterion(scores, y[1200:1500]).item()
        print(epoch, loss, (scores.argmax(1) == y[1200:1500]).float().mean().item())
    if best is None or loss > best:  # <- fault
        best, bad_epochs, kept = loss, 0, copy.deepcopy(model.state_dict())
    else:
        bad_epochs += 1
    if bad_epochs >= PATIENCE:
        break

model.load_state_dict(kept)
with torch.no_grad():
    print("test", (model(X[1500:]).argmax(1) == y[1500:]).float().mean().item())
