# fault: LK307 line 18, 20
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedShuffleSplit
from torch.utils.data import DataLoader, TensorDataset


class Fitter:
    def __init__(self, model, lr, momentum=0.9):
        self.model = model
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
        self.log = []

    def train_epoch(self, loader):
        self.model.train()
        self.optimizer.zero_grad()
        total = 0.0
        for x, y in loader:
            loss = F.cross_entropy(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            total += loss.item()
        return total / len(loader)

    @torch.no_grad()
    def accuracy(self, loader):
        self.model.eval()
        hits = sum((self.model(x).argmax(1) == y).sum().item() for x, y in loader)
        return hits / len(loader.dataset)

    def fit(self, train, valid, epochs):
        for epoch in range(1, epochs + 1):
            loss = self.train_epoch(train)
            acc = self.accuracy(valid)
            self.log.append((loss, acc))
            print(f"[{epoch:02d}/{epochs}] loss={loss:.4f} valid_acc={acc:.4f}")


def loaders(batch_size=32):
    x, y = load_digits(return_X_y=True)
    x = torch.tensor(x / 16.0, dtype=torch.float32).view(-1, 1, 8, 8)
    y = torch.tensor(y)
    tr, va = next(StratifiedShuffleSplit(1, test_size=0.25, random_state=9).split(x, y))
    return (DataLoader(TensorDataset(x[tr], y[tr]), batch_size=batch_size, shuffle=True),
            DataLoader(TensorDataset(x[va], y[va]), batch_size=256))


if __name__ == "__main__":
    torch.manual_seed(9)
    train, valid = loaders()
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(128, 10),
    )
    fitter = Fitter(net, lr=0.03)
    fitter.fit(train, valid, epochs=12)
    print("best accuracy", max(a for _, a in fitter.log), "last", fitter.log[-1][1])
