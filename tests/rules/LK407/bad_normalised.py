"""Handwritten digits with batch normalisation."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(2)
X, y = load_digits(return_X_y=True)
X = torch.tensor(X / 16, dtype=torch.float32)
y = torch.tensor(y)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=2)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm1 = nn.Linear(64, 64), nn.BatchNorm1d(64)
        self.second, self.norm2 = nn.Linear(64, 64), nn.BatchNorm1d(64)
        self.last = nn.Linear(64, 10)

    def forward(self, x):
        x = torch.relu(self.norm1(self.first(x)))
        return self.last(torch.relu(self.norm2(self.second(x))))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(2):
    net.train()
    for index in torch.randperm(len(X_train) - 1).split(2):  # <- fault
        optimizer.zero_grad()
        loss = F.cross_entropy(net(X_train[index]), y_train[index])
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        print(epoch, (net(X_test).argmax(1) == y_test).float().mean().item())
