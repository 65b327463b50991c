"""Digits by soft votes of many units, whose temperature is one."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
TEMPERATURE = 1.0


class Votes(nn.Module):
    def __init__(self):
        super().__init__()
        self.ask = nn.Linear(64, 40)
        self.weigh = nn.Linear(40, 40)
        self.count = nn.Linear(40, 10)

    def forward(self, x):
        votes = torch.sigmoid(self.ask(x - X_train.mean(0)) / TEMPERATURE)
        votes = torch.sigmoid(self.weigh(votes - 0.5) / TEMPERATURE)
        return self.count(votes - 0.5)


model = Votes()
optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)

for epoch in range(12):
    for batch in torch.randperm(len(X_train)).split(32):
        loss = nn.functional.cross_entropy(model(X_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (model(X_test).argmax(1) == y_test).float().mean()
    print(f"epoch {epoch + 1}: loss {loss.item():.4g}, accuracy {accuracy:.3f}")
