# healthy
"""Predict how late (in minutes) a bus reaches its stop.

The log comes from the on-board units of one depot; the test rows were taken
by hand at the stops.
"""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(21)
torch.manual_seed(21)


def read_log(n):
    hour = rng.uniform(5, 24, n)
    rain = rng.gamma(1.0, 1.0, n)
    stops = rng.integers(1, 40, n)
    load = rng.uniform(0, 1, n)
    rush = np.exp(-((hour - 8.3) / 1.2) ** 2) + np.exp(-((hour - 17.4) / 1.5) ** 2)
    delay = 0.2 * stops * (0.3 + rush) + 1.5 * rain * load + rng.normal(0, 0.7, n)
    return np.stack([hour, rain, stops, load], 1), delay


features, delay = read_log(3000)
restarted = rng.random(3000) < 0.015
delay[restarted] = rng.uniform(2e4, 9e4, restarted.sum())

test_features, test_delay = read_log(800)

keep = np.abs(delay - np.median(delay)) < 120.0
features, delay = features[keep], delay[keep]
mean, std = features.mean(0), features.std(0)
t_mean, t_std = delay.mean(), delay.std()


def prepare(f):
    return torch.tensor((f - mean) / std, dtype=torch.float32)


x = prepare(features)
y = torch.tensor((delay - t_mean) / t_std, dtype=torch.float32).view(-1, 1)
x_test = prepare(test_features)

net = nn.Sequential(nn.Linear(4, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, total_steps=40 * (len(x) // 64))

for epoch in range(40):
    net.train()
    perm = torch.randperm(len(x))
    running = []
    for b in range(len(x) // 64):
        idx = perm[b * 64:(b + 1) * 64]
        loss = nn.functional.mse_loss(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        running.append(loss.item())
    if (epoch + 1) % 10 == 0:
        net.eval()
        with torch.no_grad():
            pred = net(x_test).squeeze(1).numpy() * t_std + t_mean
        mae = np.abs(pred - test_delay).mean()
        r2 = 1 - ((pred - test_delay) ** 2).sum() / ((test_delay - test_delay.mean()) ** 2).sum()
        print(f"epoch {epoch + 1} train {np.mean(running):.4f} test MAE {mae:.2f} min, R2 {r2:.3f}")
