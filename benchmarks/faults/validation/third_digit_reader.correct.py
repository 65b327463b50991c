# healthy
"""Small conv net on the 8x8 digits."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(7)
np.random.seed(7)


class DigitNet(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(24 * 4, 48)
        self.head = nn.Linear(48, n_classes)

    def forward(self, x):
        h = self.pool(F.relu(self.conv1(x)))
        h = self.pool(F.relu(self.conv2(h)))
        h = F.relu(self.fc(h.flatten(1)))
        return self.head(h)


def get_loaders(batch_size=64):
    images, labels = load_digits(return_X_y=True)
    images = (images / 16.0).reshape(-1, 1, 8, 8).astype("float32")
    a, b, ya, yb = train_test_split(images, labels, test_size=0.25, stratify=labels, random_state=0)
    train = TensorDataset(torch.from_numpy(a), torch.from_numpy(ya).long())
    test = TensorDataset(torch.from_numpy(b), torch.from_numpy(yb).long())
    return DataLoader(train, batch_size, shuffle=True), DataLoader(test, 256)


def evaluate(model, loader):
    model.eval()
    hits = total = 0
    with torch.no_grad():
        for x, y in loader:
            hits += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    return hits / total


def main():
    train_loader, test_loader = get_loaders()
    model = DigitNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)

    for epoch in range(16):
        model.train()
        running = 0.0
        for x, y in train_loader:
            optimizer.zero_grad()
            out = model(x)
            loss = criterion(out, y)
            loss.backward()
            optimizer.step()
            running += loss.item()
        print(f"epoch {epoch + 1:2d}  loss {running / len(train_loader):.4f}  acc {evaluate(model, test_loader):.4f}")
    print("test accuracy:", round(evaluate(model, test_loader), 4))


if __name__ == "__main__":
    main()
