"""Disease progression; a training function, early stopping."""

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(1)


def data():
    X, y = load_diabetes(return_X_y=True)
    X, y = torch.tensor(scale(X)).float(), torch.tensor(scale(y)).float().reshape(-1, 1)
    train, val = random_split(TensorDataset(X, y), [342, 100])
    return DataLoader(train, batch_size=16, shuffle=True), DataLoader(val, batch_size=100)


def run():
    train, val = data()
    model = nn.Sequential(nn.Linear(10, 24), nn.ReLU(), nn.Linear(24, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=10.0)  # <- fault
    loss_fn = nn.MSELoss()
    best, waited = float("inf"), 0
    for epoch in range(25):
        model.train()
        for x, y in train:
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            loss = sum(loss_fn(model(x), y).item() for x, y in val)
        print(epoch, loss)
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        if waited == 5:
            break


run()
