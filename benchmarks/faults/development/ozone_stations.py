# fault: LK507 line 37
"""Predict the afternoon ozone level from morning readings of a weather-station network."""
import numpy as np
import torch
from sklearn.metrics import mean_absolute_error, r2_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

COLUMNS = ["temperature", "humidity", "wind", "pressure", "radiation", "nox"]


def read_station_export(seed=30, rows=3000):
    """Same layout as the logger's export: one row a day, one column a sensor."""
    rng = np.random.default_rng(seed)
    temp = rng.normal(18, 7, rows)
    hum = np.clip(rng.normal(60, 15, rows), 5, 100)
    wind = rng.gamma(2.0, 1.8, rows)
    pres = rng.normal(1013, 7, rows)
    rad = np.clip(rng.normal(450, 150, rows) + 8 * (temp - 18), 0, None)
    nox = rng.gamma(3.0, 9.0, rows)
    ozone = (60 + 1.6 * (temp - 18) + 0.06 * (rad - 450) - 0.25 * (hum - 60)
             - 9 * np.log1p(wind) - 0.3 * nox + 0.01 * (temp - 18) * (nox - 27) + rng.normal(0, 4, rows))
    table = np.stack([temp, hum, wind, pres, rad, nox], axis=1)
    offline = rng.random(table.shape) < 0.04
    table[offline] = -999.0
    return table.astype(np.float32), ozone.astype(np.float32)


def split(table, target, fraction=0.8):
    cut = int(len(table) * fraction)
    return table[:cut], target[:cut], table[cut:], target[cut:]


torch.manual_seed(30)
table, ozone = read_station_export()
x_train, y_train, x_val, y_val = split(table, ozone)
x_mean, x_std = x_train.mean(axis=0), x_train.std(axis=0)
y_mean, y_std = y_train.mean(), y_train.std()
x_train, x_val = (x_train - x_mean) / x_std, (x_val - x_mean) / x_std

train_set = TensorDataset(torch.from_numpy(x_train), torch.from_numpy((y_train - y_mean) / y_std))
loader = DataLoader(train_set, batch_size=64, shuffle=True)

model = nn.Sequential(
    nn.Linear(len(COLUMNS), 32), nn.ReLU(),
    nn.Linear(32, 16), nn.ReLU(),
    nn.Linear(16, 1), nn.Flatten(0),
)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-3)
criterion = nn.MSELoss()

for epoch in range(1, 21):
    model.train()
    losses = []
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch % 5 == 0:
        model.eval()
        with torch.no_grad():
            pred = model(torch.from_numpy(x_val)).numpy() * y_std + y_mean
        print(f"epoch {epoch:2d}  loss {np.mean(losses):.4f}  "
              f"val MAE {mean_absolute_error(y_val, pred):.2f} ppb  val R2 {r2_score(y_val, pred):.4f}")
