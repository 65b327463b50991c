"""Digits 5 to 9 on features of a network that was trained on digits 0 to 4."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

backbone = nn.Sequential(
    nn.Linear(64, 48),
    nn.Tanh(),
    nn.Linear(48, 24),
    nn.Tanh(),
    nn.Linear(24, 12),
    nn.Tanh(),
    nn.Linear(12, 4),
    nn.Tanh(),
)


def fit(model, parameters, chosen, shift, epochs):
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    rows = chosen.nonzero()[:, 0]
    for _ in range(epochs):
        model.train()
        for batch in rows[torch.randperm(len(rows))].split(32):
            loss = nn.functional.cross_entropy(model(X_train[batch]), y_train[batch] - shift)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


fit(nn.Sequential(backbone, nn.Linear(4, 10)), backbone.parameters(), y_train < 10, 0, 20)
for parameter in backbone.parameters():
    parameter.requires_grad = False
head = nn.Linear(4, 5)
model = nn.Sequential(backbone, head)
fit(model, head.parameters(), y_train >= 5, 5, 15)
model.eval()
with torch.no_grad():
    high = y_test >= 5
    print("accuracy", (model(X_test[high]).argmax(1) == y_test[high] - 5).float().mean().item())
