# healthy
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(0)


class PumpReadings(Dataset):
    """flow, head, speed, viscosity, temperature, wear -> efficiency (z-scored)"""

    def __init__(self, n, seed):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(n, 6)).astype("float32")
        eff = (np.sin(1.3 * x[:, 0]) + 0.6 * x[:, 1] * x[:, 2] - 0.5 * np.abs(x[:, 3]) + 0.3 * x[:, 5])
        eff = eff + rng.normal(scale=0.15, size=n)
        self.x = torch.from_numpy(x)
        self.y = torch.from_numpy(((eff + 0.4) / 1.05).astype("float32"))

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Regressor(nn.Module):
    def __init__(self, d=6, h=64):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d, h), nn.SiLU(), nn.Linear(h, h), nn.SiLU(), nn.Linear(h, 1))

    def forward(self, x):
        return self.net(x).squeeze(-1)


def mse(pred, target):
    return ((pred - target) ** 2).mean()


def r2(model, ds):
    model.eval()
    with torch.no_grad():
        p = model(ds.x).flatten()
    return 1 - ((p - ds.y) ** 2).sum().item() / ((ds.y - ds.y.mean()) ** 2).sum().item()


train, valid = PumpReadings(2500, 1), PumpReadings(800, 2)
loader = DataLoader(train, batch_size=50, shuffle=True)
model = Regressor()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=25)

for epoch in range(25):
    model.train()
    losses = []
    for xb, yb in loader:
        loss = mse(model(xb), yb)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    if epoch % 4 == 0 or epoch == 24:
        print(f"epoch {epoch:3d} | mse {np.mean(losses):.4f} | val R2 {r2(model, valid):.4f}")
