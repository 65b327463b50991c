# healthy
"""Rare defects on a coating line, trained with the focal loss."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import average_precision_score
from torch.utils.data import DataLoader, TensorDataset


class FocalLoss(nn.Module):
    def __init__(self, alpha=0.75, gamma=2.0):
        super().__init__()
        self.alpha, self.gamma = alpha, gamma

    def forward(self, logits, target):
        p = torch.sigmoid(logits)
        pos = -self.alpha * (1 - p) ** self.gamma * target * F.logsigmoid(logits)
        neg = -(1 - self.alpha) * p ** self.gamma * (1 - target) * F.logsigmoid(-logits)
        return (pos + neg).mean()


def coating(n, seed):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.1).astype(np.float32)
    x = rng.normal(0, 1, (n, 10))
    severity = rng.exponential(3.0, n) + 1.5
    x[:, :3] += (y * severity)[:, None] * np.array([1.0, 0.8, -0.9])
    return torch.tensor(x, dtype=torch.float32), torch.from_numpy(y)


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)


def average_precision(model, x, y):
    model.eval()
    with torch.no_grad():
        score = model(x)
    return average_precision_score(y, torch.nan_to_num(score))


torch.manual_seed(12)
x, y = coating(3000, 0)
vx, vy = coating(1000, 1)
scale = x.std(0)
x, vx = x / scale, vx / scale
model, focal = Detector(), FocalLoss()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(14):
    model.train()
    seen = []
    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True):
        loss = focal(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        seen.append(loss.item())
    if epoch % 2 == 1:
        print(f"epoch {epoch} focal {np.mean(seen):.5f} val AP {average_precision(model, vx, vy):.4f}")
