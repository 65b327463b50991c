"""A deep residual network, without normalisation, on the diagnosis of breast cancer."""
import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale
from torch import nn


class Residual(nn.Module):
    def __init__(self, depth, width):
        super().__init__()
        self.enter = nn.Linear(30, width)
        self.blocks = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.leave = nn.Linear(width, 2)
        for block in self.blocks:
            nn.init.kaiming_normal_(block.weight)

    def forward(self, x):
        x = self.enter(x)
        for block in self.blocks:
            x = x + F.relu(block(x))
        return self.leave(x)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--depth", type=int, default=20)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.01)
    args = parser.parse_args()

    torch.manual_seed(0)
    X, y = load_breast_cancer(return_X_y=True)
    X, y = torch.tensor(scale(X)).float(), torch.tensor(y)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
    net = Residual(args.depth, args.width)
    optimizer = torch.optim.SGD(net.parameters(), lr=args.lr)
    for epoch in range(15):
        for rows in torch.randperm(len(X_train)).split(32):
            loss = F.cross_entropy(net(X_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
        with torch.no_grad():
            right = (net(X_test).argmax(1) == y_test).float().mean()
        print(f"epoch {epoch}: {right:.3f}")


if __name__ == "__main__":
    main()
