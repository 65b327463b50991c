"""Handwritten digits, a convolutional network with its settings on the command line."""

import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--momentum", type=float, default=0.98)  # <- fault
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--epochs", type=int, default=10)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.fc1 = nn.Linear(8 * 6 * 6, 48)
        self.fc2 = nn.Linear(48, 10)

    def forward(self, x):
        x = torch.relu(self.conv(x)).flatten(1)
        return self.fc2(torch.relu(self.fc1(x)))


def main():
    args = parser.parse_args()
    torch.manual_seed(5)
    X, y = load_digits(return_X_y=True)
    X = torch.tensor(X / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
    X_train, X_test, y_train, y_test = train_test_split(X, torch.tensor(y), test_size=0.3, random_state=5)
    net, criterion = Net(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=args.momentum, nesterov=True)
    for epoch in range(args.epochs):
        net.train()
        for index in torch.randperm(len(X_train)).split(args.batch_size):
            optimizer.zero_grad()
            criterion(net(X_train[index]), y_train[index]).backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            logits = net(X_test)
            correct = (logits.argmax(1) == y_test).float().mean().item()
            print(f"{epoch}: {criterion(logits, y_test).item():.3f} {correct:.3f}")


if __name__ == "__main__":
    main()
