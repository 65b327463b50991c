# fault: LK509 line 52, 54, 77
import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset

np.random.seed(5)
torch.manual_seed(5)


def draw(kind, size=12):
    img = np.zeros((size, size), dtype=np.float32)
    cy, cx = np.random.randint(4, size - 4, 2)
    r = np.random.randint(2, 4)
    yy, xx = np.mgrid[:size, :size]
    if kind == 0:
        img[(abs(yy - cy) <= r) & (abs(xx - cx) <= r)] = 1
    elif kind == 1:
        d = np.sqrt((yy - cy) ** 2 + (xx - cx) ** 2)
        img[(d <= r + 0.5) & (d > r - 0.8)] = 1
    elif kind == 2:
        img[(yy == cy) | (xx == cx)] = 1
    else:
        img[abs((yy - cy) - (xx - cx)) <= 0] = 1
    img *= np.random.uniform(0.6, 1.0)
    return img + np.random.normal(0, 0.22, img.shape).astype(np.float32)


def make_split(n):
    labels = np.random.randint(0, 4, n)
    imgs = np.stack([draw(k) for k in labels])[:, None].astype(np.float32)
    return TensorDataset(torch.from_numpy(imgs), torch.from_numpy(labels).long())


class ShapeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.fc = nn.Sequential(
            nn.Flatten(), nn.Dropout(0.5), nn.Linear(24 * 9, 32), nn.ReLU(),
            nn.Dropout(0.5), nn.Linear(32, 4),
        )

    def forward(self, x):
        return self.fc(self.body(x))


def predict_all(model, loader):
    preds, truth = [], []
    with torch.no_grad():
        for x, y in loader:
            preds.append(model(x).argmax(1))
            truth.append(y)
    return torch.cat(preds), torch.cat(truth)


train_loader = DataLoader(make_split(1500), batch_size=50, shuffle=True)
test_loader = DataLoader(make_split(300), batch_size=1)

model = ShapeNet()
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=2e-3)

for epoch in range(7):
    model.train()
    total = 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    p, t = predict_all(model, test_loader)
    print("epoch", epoch, "loss %.4f" % (total / len(train_loader)), "test acc %.4f" % (p == t).float().mean())
