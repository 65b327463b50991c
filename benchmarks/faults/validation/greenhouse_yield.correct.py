# healthy
"""Predict whether a greenhouse bed will exceed its yield quota from weekly sensor summaries."""
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from sklearn.metrics import roc_auc_score


def load_beds(n=2400, seed=17):
    rng = np.random.default_rng(seed)
    t = pd.DataFrame({
        "bed_id": np.arange(n),
        "light": rng.normal(14, 3, n),
        "co2": rng.normal(700, 120, n),
        "humidity": rng.normal(65, 9, n),
        "ec": rng.normal(2.4, 0.5, n),
        "night_temp": rng.normal(17, 2, n),
    })
    score = (0.9 * (t.light - 14) / 3 + 0.7 * (t.co2 - 700) / 120
             - 0.8 * np.abs(t.humidity - 65) / 9 + 0.5 * np.tanh((t.ec - 2.4) * 2)
             - 0.4 * (t.night_temp - 17) / 2 + 0.6)
    quota = pd.DataFrame({"bed_id": t.bed_id, "over": (score + rng.normal(0, 0.35, n) > 0).astype(int)})
    return t, quota


def split_tables(sensors, quota, frac=0.8):
    table = sensors.merge(quota, on="bed_id").sample(frac=1.0, random_state=1).reset_index(drop=True)
    cols = ["light", "co2", "humidity", "ec", "night_temp"]
    X = table[cols].to_numpy(np.float32)
    y = table["over"].to_numpy(np.float32)
    cut = int(len(X) * frac)
    mean, std = X[:cut].mean(0), X[:cut].std(0)
    X = (X - mean) / std
    return (torch.from_numpy(X[:cut]), torch.from_numpy(y[:cut]),
            torch.from_numpy(X[cut:]), torch.from_numpy(y[cut:]))


def build(n_in):
    return nn.Sequential(nn.Linear(n_in, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))


def train(net, x, y, xv, yv, epochs=12, batch=40, lr=2e-3):
    optimiser = torch.optim.Adam(net.parameters(), lr=lr)
    loss_fn = nn.BCEWithLogitsLoss()
    for ep in range(epochs):
        net.train()
        epoch_loss = 0.0
        for idx in torch.randperm(len(x)).split(batch):
            optimiser.zero_grad()
            loss = loss_fn(net(x[idx]).squeeze(-1), y[idx])
            loss.backward()
            optimiser.step()
            epoch_loss += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            logit = net(xv).squeeze(-1)
        acc = ((logit > 0).float() == yv).float().mean().item()
        auc = roc_auc_score(yv.numpy(), logit.numpy())
        print(f"{ep + 1:>3} loss={epoch_loss / len(x):.4f} acc={acc:.3f} auc={auc:.3f}")


def main():
    torch.manual_seed(17)
    sensors, quota = load_beds()
    x, y, xv, yv = split_tables(sensors, quota)
    train(build(x.shape[1]), x, y, xv, yv)


main()
