"""Progression of diabetes; everything that can be set is in one place."""

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch import nn

CONFIG = {
    "hidden": 32,
    "batch_size": 32,
    "epochs": 15,
    "lr": 3.0,  # <- fault
}


class Regressor(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(10, hidden), nn.Tanh(), nn.Linear(hidden, 1))

    def forward(self, x):
        return self.layers(x).squeeze(-1)


def run(config):
    torch.manual_seed(0)
    X, y = load_diabetes(return_X_y=True)
    X, y = torch.tensor(scale(X)).float(), torch.tensor(scale(y)).float()
    X_train, X_val, y_train, y_val = X[:350], X[350:], y[:350], y[350:]
    model = Regressor(config["hidden"])
    optimizer = torch.optim.SGD(model.parameters(), lr=config["lr"])
    for epoch in range(config["epochs"]):
        for rows in torch.randperm(len(X_train)).split(config["batch_size"]):
            loss = nn.functional.mse_loss(model(X_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            print(epoch, nn.functional.mse_loss(model(X_val), y_val).item())


run(CONFIG)
