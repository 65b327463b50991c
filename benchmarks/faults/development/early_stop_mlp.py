# fault: LK405 line 60
import copy

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class EarlyStopping:
    """Keeps the best weights; update() returns True when the monitored value has stalled."""

    def __init__(self, patience=5, mode="max"):
        self.patience = patience
        self.sign = 1 if mode == "max" else -1
        self.best = -float("inf")
        self.counter = 0
        self.weights = None

    def update(self, value, model):
        if self.sign * value > self.best:
            self.best = self.sign * value
            self.counter = 0
            self.weights = copy.deepcopy(model.state_dict())
        else:
            self.counter += 1
        return self.counter >= self.patience


class DigitMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 64), nn.ReLU())
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        return self.out(self.body(x))


def batches(x, y, size):
    for idx in torch.randperm(len(x)).split(size):
        yield x[idx], y[idx]


def main():
    torch.manual_seed(12)
    digits = load_digits()
    x = torch.tensor(digits.data / 16.0, dtype=torch.float32)
    x = (x - 0.3) / 0.38
    y = torch.tensor(digits.target)
    idx_train, idx_rest = train_test_split(range(len(y)), test_size=0.4, random_state=0, stratify=digits.target)
    idx_val, idx_test = train_test_split(idx_rest, test_size=0.5, random_state=0)
    x_train, y_train = x[idx_train], y[idx_train]

    x_val, y_val = x[idx_val], y[idx_val]

    model = DigitMLP()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    stopper = EarlyStopping(patience=4)

    for epoch in range(1, 61):
        model.train()
        running = 0.0
        for xb, yb in batches(x_train, y_train, 32):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(yb)
        model.eval()
        with torch.no_grad():
            val_loss = criterion(model(x_val), y_val).item()
        print(f"epoch {epoch:2d}  train loss {running / len(y_train):.4f}  val loss {val_loss:.4f}")
        if stopper.update(val_loss, model):
            print("validation loss stalled, stopping")
            break

    model.load_state_dict(stopper.weights)
    model.eval()
    with torch.no_grad():
        acc = (model(x[idx_test]).argmax(1) == y[idx_test]).float().mean().item()
    print(f"test accuracy {acc:.4f}")


if __name__ == "__main__":
    main()
