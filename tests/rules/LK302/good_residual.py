"""A residual network on handwritten digits."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)
        nn.init.kaiming_normal_(self.first.weight)
        nn.init.zeros_(self.second.weight)

    def forward(self, x):
        return x + self.second(torch.relu(self.first(x)))


def main(blocks=8, width=64):
    torch.manual_seed(0)
    X, y = load_digits(return_X_y=True)
    X = (X - X.mean()) / X.std()
    train, test = random_split(TensorDataset(torch.tensor(X).float(), torch.tensor(y)), [1500, 297])

    net = nn.Sequential(nn.Linear(64, width), *(Block(width) for _ in range(blocks)), nn.Linear(width, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(8):
        for images, labels in DataLoader(train, batch_size=50, shuffle=True):
            loss = criterion(net(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            right = sum((net(images).argmax(1) == labels).sum().item() for images, labels in DataLoader(test, 99))
        print(f"epoch {epoch}: loss {loss.item():.3g}, {right} of {len(test)} right")


if __name__ == "__main__":
    main()
