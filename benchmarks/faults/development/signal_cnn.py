# fault: LK406 line 50
"""1-D CNN that recognises the waveform (sine, square, saw, chirp) in noisy sensor snippets."""
import argparse
import math

import torch
import torch.nn as nn
from torch.optim import SGD
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset


def waves(n, length=64):
    t = torch.linspace(0, 1, length)
    f = torch.rand(n, 1) * 3 + 2
    phase = torch.rand(n, 1) * 2 * math.pi
    arg = 2 * math.pi * f * t + phase
    kinds = torch.stack([
        torch.sin(arg),
        torch.sign(torch.sin(arg)),
        2 * ((arg / (2 * math.pi)) % 1.0) - 1,
        torch.sin(arg * (0.5 + 1.5 * t)),
    ])
    label = torch.randint(0, 4, (n,))
    x = kinds[label, torch.arange(n)] + 0.6 * torch.randn(n, length)
    return x.unsqueeze(1), label


class WaveNetLite(nn.Module):
    def __init__(self, channels=16, classes=4):
        super().__init__()
        self.block1 = nn.Sequential(nn.Conv1d(1, channels, 7, padding=3), nn.BatchNorm1d(channels), nn.ReLU(), nn.MaxPool1d(2))
        self.block2 = nn.Sequential(nn.Conv1d(channels, 2 * channels, 5, padding=2), nn.BatchNorm1d(2 * channels), nn.ReLU(), nn.MaxPool1d(2))
        self.block3 = nn.Sequential(nn.Conv1d(2 * channels, 2 * channels, 3, padding=1), nn.BatchNorm1d(2 * channels), nn.ReLU())
        self.head = nn.Linear(2 * channels, classes)

    def forward(self, x):
        x = self.block3(self.block2(self.block1(x)))
        return self.head(x.mean(dim=2))


def train_one_epoch(model, loader, criterion, optimizer, scheduler):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    hits = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    return hits / len(loader.dataset)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--step-size", type=int, default=4, help="decay the rate every this many epochs")
    parser.add_argument("--gamma", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=9)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    train_loader = DataLoader(TensorDataset(*waves(1600)), batch_size=32, shuffle=True)
    test_loader = DataLoader(TensorDataset(*waves(400)), batch_size=200)
    model = WaveNetLite()
    criterion = nn.CrossEntropyLoss()
    optimizer = SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=1e-4)
    scheduler = StepLR(optimizer, step_size=args.step_size, gamma=args.gamma)
    for epoch in range(args.epochs):
        loss = train_one_epoch(model, train_loader, criterion, optimizer, scheduler)
        print(f"Epoch {epoch + 1:02d} loss {loss:.4f} test acc {evaluate(model, test_loader):.4f}")


if __name__ == "__main__":
    main()
