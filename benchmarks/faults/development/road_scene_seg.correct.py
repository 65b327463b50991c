# healthy
"""Per-pixel classes for small synthetic road scenes."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

CLASSES = ["sky", "road", "car"]


def make_scene(rng, size=20):
    label = np.zeros((size, size), dtype=np.int64)
    horizon = rng.integers(7, 12)
    label[horizon:] = 1
    for _ in range(rng.integers(1, 4)):
        y = rng.integers(horizon - 1, size - 5)
        x = rng.integers(0, size - 6)
        label[y:y + rng.integers(3, 6), x:x + rng.integers(4, 7)] = 2
    palette = np.array([[0.5, 0.6, 0.9], [0.4, 0.4, 0.4], [0.7, 0.3, 0.3]])
    image = palette[label] + rng.normal(0, 0.18, (size, size, 3))
    return image.transpose(2, 0, 1).astype(np.float32), label


def make_set(n, seed):
    rng = np.random.default_rng(seed)
    pairs = [make_scene(rng) for _ in range(n)]
    images = torch.from_numpy(np.stack([p[0] for p in pairs]))
    labels = torch.from_numpy(np.stack([p[1] for p in pairs]))
    return TensorDataset((images - 0.5) / 0.25, labels)


class SegNet(nn.Module):
    def __init__(self, n_classes=3):
        super().__init__()
        self.enc1 = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.enc2 = nn.Sequential(nn.Conv2d(16, 32, 3, padding=1, stride=2), nn.BatchNorm2d(32), nn.ReLU())
        self.dec = nn.Sequential(nn.Conv2d(48, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.head = nn.Conv2d(16, n_classes, 1)

    def forward(self, x):
        a = self.enc1(x)
        b = F.interpolate(self.enc2(a), scale_factor=2, mode="nearest")
        scores = self.head(self.dec(torch.cat([a, b], dim=1)))
        return F.log_softmax(scores, dim=1)


@torch.no_grad()
def mean_iou(model, loader):
    model.eval()
    inter, union = torch.zeros(3), torch.zeros(3)
    for image, label in loader:
        pred = model(image).argmax(dim=1)
        for c in range(3):
            inter[c] += ((pred == c) & (label == c)).sum()
            union[c] += ((pred == c) | (label == c)).sum()
    return (inter / union.clamp(min=1)).mean().item()


torch.manual_seed(3)
train_loader = DataLoader(make_set(240, 0), batch_size=16, shuffle=True)
val_loader = DataLoader(make_set(80, 1), batch_size=40)
model = SegNet(len(CLASSES))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.NLLLoss()

for epoch in range(12):
    model.train()
    running = 0.0
    for image, label in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(image), label)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(f"epoch {epoch + 1:2d}  loss {running / len(train_loader):.4f}  val mIoU {mean_iou(model, val_loader):.4f}")
