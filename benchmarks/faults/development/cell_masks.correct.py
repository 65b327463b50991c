# healthy
"""Segment round cells on noisy 16x16 patches with a small encoder-decoder."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(7)


def make_patches(n, size=16):
    yy, xx = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    images, masks = [], []
    for _ in range(n):
        mask = torch.zeros(size, size)
        for _ in range(int(torch.randint(1, 4, (1,)))):
            cy, cx = torch.randint(3, size - 3, (2,))
            r = float(torch.rand(1)) * 1.5 + 1.5
            mask[((yy - cy) ** 2 + (xx - cx) ** 2) <= r * r] = 1.0
        images.append(mask * 1.2 + 0.45 * torch.randn(size, size))
        masks.append(mask)
    x = torch.stack(images).unsqueeze(1)
    return (x - x.mean()) / x.std(), torch.stack(masks).unsqueeze(1)


def double_conv(cin, cout):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, padding=1), nn.BatchNorm2d(cout), nn.ReLU(),
        nn.Conv2d(cout, cout, 3, padding=1), nn.BatchNorm2d(cout), nn.ReLU(),
    )


class TinyUNet(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.down1 = double_conv(1, width)
        self.down2 = double_conv(width, 2 * width)
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.merge = double_conv(2 * width, width)
        self.head = nn.Conv2d(width, 1, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(self.pool(a))
        u = self.merge(torch.cat([self.up(b), a], dim=1))
        return self.head(u)


def dice_score(pred, target):
    inter = (pred * target).sum(dim=(1, 2, 3))
    return ((2 * inter + 1) / (pred.sum(dim=(1, 2, 3)) + target.sum(dim=(1, 2, 3)) + 1)).mean()


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    scores = []
    for x, m in loader:
        pred = (torch.sigmoid(model(x)) > 0.5).float()
        scores.append(dice_score(pred, m).item())
    return sum(scores) / len(scores)


xtr, mtr = make_patches(500)
xva, mva = make_patches(150)
train_loader = DataLoader(TensorDataset(xtr, mtr), batch_size=25, shuffle=True)
val_loader = DataLoader(TensorDataset(xva, mva), batch_size=50)

model = TinyUNet()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(11):
    model.train()
    running = 0.0
    for x, m in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), m)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(f"epoch {epoch + 1:2d}  loss {running / len(train_loader):.4f}  val dice {evaluate(model, val_loader):.4f}")
