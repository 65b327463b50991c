# fault: LK102 line 30
"""Small conv net for 8x8 scanned digits."""
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--lr", type=float, default=2e-3)
parser.add_argument("--batch-size", type=int, default=64)
args = parser.parse_args()
torch.manual_seed(3)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc = nn.Linear(24 * 2 * 2, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.fc(x.flatten(1))
        return x


digits = load_digits()
X = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16.0
y = torch.tensor(digits.target)
tr, te = train_test_split(range(len(X)), test_size=0.2, stratify=y, random_state=1)
mean, std = X[tr].mean(), X[tr].std()
X = (X - mean) / std
Xtr, ytr, Xte, yte = X[tr], y[tr], X[te], y[te]

model = ConvNet()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)

for epoch in range(args.epochs):
    order = torch.randperm(len(Xtr))
    total = 0.0
    for i in range(0, len(order), args.batch_size):
        b = order[i:i + args.batch_size]
        optimizer.zero_grad()
        loss = F.nll_loss(model(Xtr[b]), ytr[b])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(b)
    with torch.no_grad():
        acc = (model(Xte).argmax(1) == yte).float().mean().item()
    print(f"[{epoch + 1}/{args.epochs}] loss={total / len(Xtr):.4f} test_acc={acc:.4f}")
