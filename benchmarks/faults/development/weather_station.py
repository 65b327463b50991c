# fault: LK507 line 28
"""Ozone level from the readings of a weather station."""
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import r2_score

NAMES = ["temperature", "humidity", "wind", "pressure", "radiation", "no2"]


def read_station(n=2500, seed=5):
    r = np.random.default_rng(seed)
    t = r.normal(18, 7, n)
    h = 70 - 1.2 * (t - 18) + r.normal(0, 9, n)
    w = r.gamma(2.0, 1.6, n)
    p = r.normal(1013, 8, n)
    s = 420 + 14 * (t - 18) + r.normal(0, 90, n)
    no2 = 30 - 3 * w + r.normal(0, 6, n)
    ozone = 50 + 1.5 * (t - 18) + 0.05 * (s - 420) - 0.6 * (no2 - 20) - 0.2 * (h - 70) + r.normal(0, 4, n)
    table = np.stack([t, h, w, p, s, no2], axis=1)
    lost = r.random(table.shape) < 0.04
    table[lost] = -999.0
    return table, ozone


def clean(table):
    table = table.copy()
    table[:, 2] = np.maximum(table[:, 2], 0.0)
    return table


def main():
    torch.manual_seed(5)
    table, ozone = read_station()
    table = clean(table)
    cut = 1900
    mu, sd = table[:cut].mean(0), table[:cut].std(0)
    X = torch.tensor((table - mu) / sd, dtype=torch.float32)
    y = torch.tensor((ozone - ozone[:cut].mean()) / ozone[:cut].std(), dtype=torch.float32).unsqueeze(1)

    model = nn.Sequential(nn.Linear(len(NAMES), 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    criterion = nn.MSELoss()
    for epoch in range(20):
        model.train()
        perm = torch.randperm(cut)
        total = 0.0
        for k in range(0, cut, 50):
            rows = perm[k:k + 50]
            optimizer.zero_grad()
            loss = criterion(model(X[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        if epoch % 5 == 4:
            model.eval()
            with torch.no_grad():
                r2 = r2_score(y[cut:].numpy(), model(X[cut:]).numpy())
            print(f"epoch {epoch + 1}: mse {total / cut:.4f}, val R2 {r2:.4f}")
    print("R2 =", round(r2, 4))


main()
