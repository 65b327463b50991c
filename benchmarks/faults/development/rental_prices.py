# fault: LK106 line 59
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader, random_split

torch.manual_seed(0)
rng = np.random.default_rng(0)

# %% synthetic listings table
n = 1800
area = rng.gamma(6.0, 12.0, n)
rooms = np.clip(np.round(area / 25 + rng.normal(0, 0.7, n)), 1, 7)
floor = rng.integers(0, 15, n)
dist = rng.exponential(4.0, n)
age = rng.uniform(0, 90, n)
rent = 300 + 11 * area + 60 * rooms - 70 * np.sqrt(dist) * (1 + area / 100) + 6 * floor - 1.5 * age
rent = rent + rng.normal(0, 60, n)
table = np.column_stack([area, rooms, floor, dist, age]).astype("float32")


class Listings(Dataset):
    def __init__(self, features, price):
        self.mean, self.std = features.mean(0), features.std(0)
        self.x = torch.tensor((features - self.mean) / self.std)
        self.y_mean, self.y_std = price.mean(), price.std()
        self.y = torch.tensor((price - self.y_mean) / self.y_std, dtype=torch.float32)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class RMSELoss(nn.Module):
    def __init__(self, eps=1e-6):
        super().__init__()
        self.eps = eps

    def forward(self, yhat, y):
        return torch.sqrt(torch.mean((yhat - y) ** 2) + self.eps)


data = Listings(table, rent)
train_set, val_set = random_split(data, [1400, 400], generator=torch.Generator().manual_seed(1))
train_dl = DataLoader(train_set, batch_size=64, shuffle=True)
val_dl = DataLoader(val_set, batch_size=200)

net = nn.Sequential(nn.Linear(5, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))
loss_fn = RMSELoss()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)

# %% training
for epoch in range(30):
    net.train()
    total = 0.0
    for xb, yb in train_dl:
        pred = net(xb)
        loss = loss_fn(pred, yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(xb)
    if (epoch + 1) % 5 == 0:
        net.eval()
        with torch.no_grad():
            p = torch.cat([net(xb) for xb, _ in val_dl]).flatten()
            t = torch.cat([yb for _, yb in val_dl]).flatten()
        r2 = 1 - ((p - t) ** 2).sum() / ((t - t.mean()) ** 2).sum()
        mae = (p - t).abs().mean() * data.y_std
        print(f"epoch {epoch + 1:3d}  train rmse {total / len(train_set):.3f}  R2 {r2:.3f}  MAE {mae:.0f} EUR")
