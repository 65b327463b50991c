"""Disease progression: the settings are fine, the epochs too few."""

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

X, y = load_diabetes(return_X_y=True)
X, y = torch.tensor(scale(X)).float(), torch.tensor(scale(y)).float().unsqueeze(1)
train = DataLoader(TensorDataset(X[:342], y[:342]), batch_size=16, shuffle=True)
test = DataLoader(TensorDataset(X[342:], y[342:]), batch_size=100)


def train_epoch(model, optimizer, criterion):
    model.train()
    for inputs, targets in train:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()


def main():
    model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.002)
    criterion = nn.MSELoss()
    for epoch in range(120):
        train_epoch(model, optimizer, criterion)
        model.eval()
        with torch.no_grad():
            print(epoch, sum(criterion(model(inputs), targets).item() for inputs, targets in test))


main()
