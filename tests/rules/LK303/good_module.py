"""Handwritten digits; the first weights are drawn by hand."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self, hidden=100):
        super().__init__()
        self.hidden = nn.Linear(64, hidden)
        self.act = nn.ReLU()
        self.out = nn.Linear(hidden, 10)
        nn.init.uniform_(self.hidden.weight, -0.2, 0.2)

    def forward(self, x):
        return self.out(self.act(self.hidden(x)))


def main():
    torch.manual_seed(0)
    X, y = load_digits(return_X_y=True)
    X, y = torch.tensor(X / 16).float(), torch.tensor(y)
    train, test = TensorDataset(X[:1500], y[:1500]), TensorDataset(X[1500:], y[1500:])

    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(10):
        for images, labels in DataLoader(train, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(images), labels).backward()
            optimizer.step()
        with torch.no_grad():
            right = sum((net(images).argmax(1) == labels).sum().item() for images, labels in DataLoader(test, 99))
        print(f"epoch {epoch + 1}: {right / len(test):.3f}")


if __name__ == "__main__":
    main()
