# fault: LK406 line 42
"""1-D CNN for classifying noisy spectra by peak layout."""
import argparse
import math

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


def get_args():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--epochs", default=14, type=int)
    p.add_argument("--batch-size", default=32, type=int)
    p.add_argument("--lr", default=0.03, type=float)
    p.add_argument("--gamma", default=0.85, type=float, help="lr decay per epoch")
    p.add_argument("--classes", default=6, type=int)
    return p.parse_args([])


def spectra(n, classes, g):
    grid = torch.linspace(0, 1, 64)
    y = torch.randint(0, classes, (n,), generator=g)
    x = 0.35 * torch.randn(n, 64, generator=g)
    for shift in (0.0, 0.25):
        width = 0.03 + 0.01 * torch.rand(n, 1, generator=g)
        centre = 0.15 + 0.1 * y[:, None] + shift * ((y[:, None] % 3) + 1) / 2
        centre = centre + 0.03 * torch.randn(n, 1, generator=g)
        x = x + torch.exp(-0.5 * ((grid - centre) / width) ** 2)
    return ((x - x.mean()) / x.std()).unsqueeze(1), y


def train_one_epoch(model, loader, criterion, optimizer, scheduler):
    model.train()
    running = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
        scheduler.step()
    return running / len(loader)


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    good = total = 0
    for x, y in loader:
        good += (model(x).argmax(1) == y).sum().item()
        total += len(y)
    return good / total


def main():
    args = get_args()
    torch.manual_seed(8)
    g = torch.Generator().manual_seed(8)
    train = DataLoader(TensorDataset(*spectra(1600, args.classes, g)), args.batch_size, shuffle=True)
    test = DataLoader(TensorDataset(*spectra(400, args.classes, g)), 200)
    model = nn.Sequential(
        nn.Conv1d(1, 12, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(12, 16, 5, padding=2), nn.ReLU(), nn.MaxPool1d(2),
        nn.Flatten(), nn.Linear(16 * 16, args.classes),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=args.gamma)
    print("initial loss should be about", round(math.log(args.classes), 3))
    for epoch in range(args.epochs):
        loss = train_one_epoch(model, train, criterion, optimizer, scheduler)
        acc = accuracy(model, test)
        print(f"epoch {epoch} loss {loss:.4f} test acc {acc:.3f}")


if __name__ == "__main__":
    main()
