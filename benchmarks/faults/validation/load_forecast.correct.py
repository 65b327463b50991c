# healthy
import math

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

SEED = 11
WINDOW = 24
BATCH = 64
EPOCHS = 12
LR = 3e-3

rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)


def simulate_load(n_hours=24 * 110):
    t = np.arange(n_hours)
    daily = 12 * np.sin(2 * math.pi * t / 24) + 5 * np.sin(4 * math.pi * t / 24 + 0.6)
    weekly = 6 * np.sin(2 * math.pi * t / (24 * 7))
    ar = np.zeros(n_hours)
    for i in range(1, n_hours):
        ar[i] = 0.8 * ar[i - 1] + rng.normal(0, 1.5)
    return 100 + daily + weekly + ar


class WindowDataset(Dataset):
    def __init__(self, series, window):
        self.series = torch.tensor(series, dtype=torch.float32)
        self.window = window

    def __len__(self):
        return len(self.series) - self.window

    def __getitem__(self, i):
        x = self.series[i:i + self.window].unsqueeze(-1)
        y = self.series[i + self.window]
        return x, y


class LoadLSTM(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.head(out[:, -1]).squeeze(-1)


load = simulate_load()
split = int(0.8 * len(load))
mu, sd = load[:split].mean(), load[:split].std()
load = (load - mu) / sd
train_ds = WindowDataset(load[:split], WINDOW)
test_ds = WindowDataset(load[split - WINDOW:], WINDOW)
train_dl = DataLoader(train_ds, batch_size=BATCH, shuffle=True, drop_last=True)
test_dl = DataLoader(test_ds, batch_size=256)

model = LoadLSTM()
optimizer = torch.optim.Adam(model.parameters(), lr=LR)
loss_fn = nn.MSELoss()


def evaluate():
    model.eval()
    preds, trues = [], []
    with torch.no_grad():
        for x, y in test_dl:
            preds.append(model(x).flatten())
            trues.append(y)
    p, t = torch.cat(preds), torch.cat(trues)
    return (1 - ((p - t) ** 2).sum() / ((t - t.mean()) ** 2).sum()).item()


for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for x, y in train_dl:
        optimizer.zero_grad()
        pred = model(x)
        loss = loss_fn(pred, y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch + 1}/{EPOCHS} - mse {total / len(train_dl):.4f} - test R2 {evaluate():.3f}")

print("R2:", evaluate())
