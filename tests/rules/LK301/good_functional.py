"""Malignant or benign: a deep stack of residual layers from the command line."""

import argparse

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import scale
from torch import nn


class Stack(nn.Module):
    def __init__(self, depth, width):
        super().__init__()
        self.enter = nn.Linear(30, width)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.leave = nn.Linear(width, 1)

    def forward(self, x):
        x = torch.tanh(self.enter(x))
        for layer in self.hidden:
            x = x + torch.tanh(layer(x))
        return self.leave(x).squeeze(1)


def main(depth, width, epochs):
    torch.manual_seed(0)
    X, y = load_breast_cancer(return_X_y=True)
    X, y = torch.tensor(scale(X)).float(), torch.tensor(y).float()
    order = torch.randperm(len(X))
    train, test = order[:450], order[450:]
    net = Stack(depth, width)
    sgd = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(epochs):
        for rows in train[torch.randperm(len(train))].split(32):
            sgd.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(net(X[rows]), y[rows]).backward()
            sgd.step()
        with torch.no_grad():
            right = ((net(X[test]) > 0) == (y[test] > 0.5)).float().mean()
        print(f"epoch {epoch}: {right:.3f} right")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--depth", type=int, default=8)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=15)
    main(**vars(parser.parse_args()))
