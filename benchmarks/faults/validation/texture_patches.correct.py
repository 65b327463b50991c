# healthy
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset


class Patches(Dataset):
    """16x16 texture patches: stripes at three angles, dots, checks."""

    def __init__(self, n, seed):
        r = np.random.RandomState(seed)
        yy, xx = np.mgrid[:16, :16]
        self.items = []
        for _ in range(n):
            k = r.randint(5)
            f, ph = r.uniform(0.9, 1.4), r.uniform(0, 2 * np.pi)
            if k < 3:
                a = [0.0, np.pi / 3, 2 * np.pi / 3][k] + r.normal(0, 0.12)
                im = np.sin(f * (xx * np.cos(a) + yy * np.sin(a)) + ph)
            elif k == 3:
                im = np.sin(f * xx + ph) * np.sin(f * yy + ph)
            else:
                im = np.sin(0.6 * f * np.hypot(xx - 8, yy - 8) * 1.6 + ph)
            im = im + r.normal(0, 0.6, im.shape)
            self.items.append((torch.tensor(im[None], dtype=torch.float32), k))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


class PatchNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 5, padding=2), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Dropout(0.5), nn.Linear(32 * 16, 48), nn.ReLU(), nn.Dropout(0.5), nn.Linear(48, 5),
        )

    def forward(self, x):
        return self.classifier(self.features(x))


def train_one_epoch(model, loader, opt, loss_fn):
    model.train()
    s = 0.0
    for x, y in loader:
        opt.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        opt.step()
        s += loss.item()
    return s / len(loader)


def validate(model, loader, loss_fn):
    model.eval()
    hit, s = 0, 0.0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            s += loss_fn(out, y).item()
            hit += (out.argmax(1) == y).sum().item()
    return s / len(loader), hit / len(loader.dataset)


torch.manual_seed(0)
train_loader = DataLoader(Patches(1500, 1), batch_size=30, shuffle=True)
val_loader = DataLoader(Patches(200, 2), batch_size=1)
model = PatchNet()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(6):
    tr = train_one_epoch(model, train_loader, opt, loss_fn)
    vl, acc = validate(model, val_loader, loss_fn)
    print(f"epoch {epoch + 1}: train loss {tr:.3f}  val loss {vl:.3f}  val acc {acc:.3f}")
