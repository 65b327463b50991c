"""Digits, with a new head for a network that was made for another task."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16), nn.ReLU())
        self.fc = nn.Linear(16, 100)

    def forward(self, x):
        return self.fc(self.features(x))


network = Network()
optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)  # <- fault
network.fc = nn.Linear(16, 10)
criterion = nn.CrossEntropyLoss()

for epoch in range(10):
    network.train()
    for batch in torch.randperm(len(X_train)).split(64):
        optimizer.zero_grad()
        loss = criterion(network(X_train[batch]), y_train[batch])
        loss.backward()
        optimizer.step()
    network.eval()
    with torch.no_grad():
        accuracy = (network(X_test).argmax(1) == y_test).float().mean()
    print(f"epoch {epoch + 1}: accuracy {accuracy:.3f}")
