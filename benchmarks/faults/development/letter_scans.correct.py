# healthy
"""Read scanned figures stored as 8-bit images."""
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset, random_split


class Scans(Dataset):
    """8-bit grey images and their labels, as the scanner writes them."""

    def __init__(self):
        raw = load_digits()
        self.pictures = (raw.images * 15).astype(np.uint8)
        self.labels = raw.target

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        picture = self.pictures[i] / 255
        picture = torch.from_numpy(picture).float().unsqueeze(0)
        return (picture - 0.3) / 0.35, int(self.labels[i])


class ScanNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, kernel_size=3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(16 * 16, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv(x)))
        x = torch.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


torch.manual_seed(8)
scans = Scans()
train_set, val_set = random_split(scans, [1400, len(scans) - 1400])
train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
val_loader = DataLoader(val_set, batch_size=200)
net = ScanNet()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
criterion = nn.CrossEntropyLoss()

for epoch in range(10):
    net.train()
    for pictures, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(pictures), labels)
        loss.backward()
        optimizer.step()
    net.eval()
    correct = val_loss = 0
    with torch.no_grad():
        for pictures, labels in val_loader:
            scores = net(pictures)
            val_loss += criterion(scores, labels).item() * len(labels)
            correct += (scores.argmax(1) == labels).sum().item()
    print(f"epoch {epoch + 1} last batch {loss.item():.3f} val loss {val_loss / len(val_set):.3f} "
          f"val acc {correct / len(val_set):.4f}")
