# healthy
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import r2_score
from torch import nn


@dataclass
class Config:
    n: int = 4000
    hidden: int = 64
    lr: float = 2e-3
    batch: int = 64
    epochs: int = 15
    seed: int = 11


cfg = Config()
torch.manual_seed(cfg.seed)
rng = np.random.default_rng(cfg.seed)

# hourly building load: outside temperature, hour, occupancy, humidity
temp = rng.normal(14, 8, cfg.n)
hour = rng.uniform(0, 24, cfg.n)
occ = rng.uniform(0, 1, cfg.n)
hum = rng.uniform(30, 90, cfg.n)
load = (40 + 0.12 * (temp - 18) ** 2 + 25 * occ * np.exp(-((hour - 14) / 5) ** 2)
        + 0.05 * hum + rng.normal(0, 2, cfg.n))

X = np.stack([temp, np.sin(2 * np.pi * hour / 24), np.cos(2 * np.pi * hour / 24), occ, hum], 1)
cut = int(cfg.n * 0.8)
mu, sd = X[:cut].mean(0), X[:cut].std(0)
X = (X - mu) / sd
y_mean, y_std = load[:cut].mean(), load[:cut].std()
y = (load - y_mean) / y_std

X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)


class LoadModel(nn.Module):
    def __init__(self, n_in, hidden):
        super().__init__()
        self.fc1 = nn.Linear(n_in, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, 1)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


class Trainer:
    def __init__(self, model, cfg):
        self.model, self.cfg = model, cfg
        self.opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
        self.crit = nn.MSELoss()

    def run_epoch(self, x, y):
        self.model.train()
        perm, losses = torch.randperm(len(x)), []
        for chunk in perm.split(self.cfg.batch):
            self.opt.zero_grad()
            loss = self.crit(self.model(x[chunk]), y[chunk])
            loss.backward()
            self.opt.step()
            losses.append(loss.item())
        return float(np.mean(losses))

    @torch.no_grad()
    def predict(self, x):
        self.model.eval()
        return self.model(x)


trainer = Trainer(LoadModel(X.shape[1], cfg.hidden), cfg)
for ep in range(cfg.epochs):
    tr = trainer.run_epoch(X[:cut], y[:cut])
    p = trainer.predict(X[cut:])
    print(f"epoch {ep:02d} train mse {tr:.4f} val mse {trainer.crit(p, y[cut:]).item():.4f}")

pred_kwh = trainer.predict(X[cut:]).numpy().ravel() * y_std + y_mean
print("R2 on held-out hours: %.3f" % r2_score(load[cut:], pred_kwh))
