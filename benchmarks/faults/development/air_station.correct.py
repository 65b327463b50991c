# healthy
# Air quality station: NO2 from the cheap sensors (hourly rows)
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(44)
rng = np.random.RandomState(44)


def read_station(n=3000):
    traffic = np.clip(rng.gamma(3, 1.0, n), 0, 12)
    wind = rng.weibull(2, n) * 3
    temp = 12 + 8 * rng.randn(n)
    no2 = 20 + 14 * traffic / (1 + 0.35 * wind) + 0.3 * (temp - 12) + 2 * rng.randn(n)
    cols = np.stack([traffic + .15 * rng.randn(n), wind + .1 * rng.randn(n), temp,
                     900 + 55 * traffic + 20 * rng.randn(n), 1.2 * traffic - .2 * wind + .3 * rng.randn(n)], 1)
    dead = rng.rand(*cols.shape) < 0.04
    cols[dead] = -200
    gaps = rng.rand(n) < 0.08
    no2[gaps] = -200
    return cols, no2


cols, no2 = read_station()
no2_ok = no2 != -200
cols, no2 = cols[no2_ok], no2[no2_ok]
cols = np.where(cols == -200, np.nan, cols)
cut = int(len(cols) * 0.8)
cols = np.where(np.isnan(cols), np.nanmean(cols[:cut], axis=0), cols)
mu, sd = cols[:cut].mean(0), cols[:cut].std(0)
ymu, ysd = no2[:cut].mean(), no2[:cut].std()
X = torch.tensor((cols - mu) / sd, dtype=torch.float32)
y = torch.tensor((no2 - ymu) / ysd, dtype=torch.float32)

net = nn.Sequential(nn.Linear(5, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1), nn.Flatten(0))
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
mse = nn.MSELoss()
for epoch in range(20):
    net.train()
    order, tot = torch.randperm(cut), 0.0
    for s in range(0, cut, 50):
        b = order[s:s + 50]
        loss = mse(net(X[b]), y[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        pred = net(X[cut:])
        r2 = 1 - ((pred - y[cut:]) ** 2).mean() / y[cut:].var()
    if epoch % 4 == 3:
        print('epoch %2d  train %.4f  val R2 %.3f' % (epoch + 1, tot / cut, r2.item()))
