# healthy
"""Pretrain a small conv net on digits 0-5, then fine-tune only a new head for 6-9."""
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(12)

X, y = load_digits(return_X_y=True)
X = ((X / 16.0 - 0.3) / 0.38).astype(np.float32).reshape(-1, 1, 8, 8)


def loaders(keep, offset):
    sel = np.isin(y, keep)
    a, b, c, d = train_test_split(X[sel], y[sel] - offset, test_size=0.3, stratify=y[sel], random_state=0)
    tr = TensorDataset(torch.tensor(a), torch.tensor(c))
    te = TensorDataset(torch.tensor(b), torch.tensor(d))
    return DataLoader(tr, batch_size=32, shuffle=True), DataLoader(te, batch_size=128)


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(),
        )

    def forward(self, x):
        return self.layers(x)


def accuracy(model, loader):
    model.eval()
    with torch.no_grad():
        return np.mean(np.concatenate([(model(a).argmax(1) == b).numpy() for a, b in loader]))


backbone = Backbone()
criterion = nn.CrossEntropyLoss()

# stage 1
source = nn.Sequential(backbone, nn.Linear(32 * 16, 6))
tr, te = loaders([0, 1, 2, 3, 4, 5], 0)
opt = torch.optim.Adam(source.parameters(), lr=1e-3)
for epoch in range(5):
    source.train()
    for a, b in tr:
        opt.zero_grad()
        loss = criterion(source(a), b)
        loss.backward()
        opt.step()
    print(f"pretrain {epoch + 1} loss {loss.item():.4f} acc {accuracy(source, te):.3f}")

# stage 2
for p in backbone.parameters():
    p.requires_grad = False
head = nn.Linear(32 * 16, 4)
target = nn.Sequential(backbone, head)
tr, te = loaders([6, 7, 8, 9], 6)
opt = torch.optim.Adam(head.parameters(), lr=2e-3)
for epoch in range(12):
    target.train()
    backbone.eval()
    total = 0.0
    for a, b in tr:
        opt.zero_grad()
        loss = criterion(target(a), b)
        loss.backward()
        opt.step()
        total += loss.item() * len(a)
    print(f"finetune {epoch + 1} loss {total / len(tr.dataset):.4f} acc {accuracy(target, te):.3f}")
trainable = sum(p.numel() for p in target.parameters() if p.requires_grad)
print("trainable", trainable, "of", sum(p.numel() for p in target.parameters()))
