# healthy
# Tiny U-Net like segmentation of bright blobs (cells) on a noisy background
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

torch.manual_seed(0)


class CellDataset(Dataset):
    """Images and masks as they come out of the annotation tool (8 bit, one channel)."""

    def __init__(self, n, seed):
        rng = np.random.RandomState(seed)
        self.images, self.masks = [], []
        yy, xx = np.mgrid[:24, :24]
        for _ in range(n):
            img = rng.normal(70, 22, (24, 24))
            mask = np.zeros((24, 24), np.uint8)
            for _ in range(rng.randint(1, 4)):
                cy, cx, r = rng.randint(4, 20), rng.randint(4, 20), rng.randint(2, 5)
                disk = (yy - cy) ** 2 + (xx - cx) ** 2 <= r * r
                img[disk] += 75
                mask[disk] = 255
            self.images.append(np.clip(img, 0, 255).astype(np.uint8))
            self.masks.append(mask)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = torch.from_numpy(self.images[i]).float().unsqueeze(0) / 255.0
        mask = torch.from_numpy(self.masks[i]).float().unsqueeze(0) / 255.0
        return (image - 0.35) / 0.2, mask


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class SmallUNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc1, self.enc2 = block(1, 8), block(8, 16)
        self.pool = nn.MaxPool2d(2)
        self.up = nn.Upsample(scale_factor=2, mode='nearest')
        self.dec = block(24, 8)
        self.out = nn.Conv2d(8, 1, 1)

    def forward(self, x):
        a = self.enc1(x)
        b = self.up(self.enc2(self.pool(a)))
        return self.out(self.dec(torch.cat([a, b], dim=1)))


def iou(logits, masks):
    p, t = logits > 0, masks > 0
    return ((p & t).sum().float() / (p | t).sum().clamp(min=1)).item()


train_loader = DataLoader(CellDataset(240, 1), batch_size=16, shuffle=True)
val_loader = DataLoader(CellDataset(60, 2), batch_size=60)
net = SmallUNet()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=6e-3)

for epoch in range(14):
    net.train()
    total = 0
    for images, masks in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(images), masks)
        loss.backward()
        optimizer.step()
        total += loss.item()
    net.eval()
    with torch.no_grad():
        images, masks = next(iter(val_loader))
        score = iou(net(images), masks)
    print(f'epoch {epoch+1}/14 loss {total/len(train_loader):.4f} val IoU {score:.4f}')
