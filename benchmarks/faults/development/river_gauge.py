# fault: LK507 line 29
import io

import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(6)


def export_log(n=1500, seed=6):
    """What the logger writes: rain, upstream level, soil moisture, temperature; level tomorrow."""
    rng = np.random.default_rng(seed)
    rain = rng.gamma(1.2, 4.0, n)
    upstream = rng.normal(2.0, 0.5, n)
    soil = rng.uniform(0.1, 0.6, n)
    temperature = rng.normal(12, 6, n)
    level = 0.8 * upstream + 0.06 * rain * (0.5 + 2 * soil) - 0.01 * temperature + rng.normal(0, 0.08, n)
    lines = ["rain,upstream,soil,temperature,level"]
    for row in zip(rain, upstream, soil, temperature, level):
        cells = [f"{v:.3f}" for v in row]
        if rng.random() < 0.04:
            cells[2] = ""
        lines.append(",".join(cells))
    return "\n".join(lines)


table = np.genfromtxt(io.StringIO(export_log()), delimiter=",", skip_header=1)
x, y = table[:, :-1], table[:, -1]
cut = int(0.8 * len(x))
centre, spread = x[:cut].mean(axis=0), x[:cut].std(axis=0)
x = (x - centre) / spread
y_centre, y_spread = y[:cut].mean(), y[:cut].std()

x_train = torch.tensor(x[:cut], dtype=torch.float32)
y_train = torch.tensor((y[:cut] - y_centre) / y_spread, dtype=torch.float32).unsqueeze(1)
x_val = torch.tensor(x[cut:], dtype=torch.float32)
y_val = torch.tensor((y[cut:] - y_centre) / y_spread, dtype=torch.float32).unsqueeze(1)

net = nn.Sequential(nn.Linear(4, 32), nn.GELU(), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3)
loss_fn = nn.SmoothL1Loss()

for epoch in range(40):
    for rows in torch.randperm(len(x_train)).split(32):
        loss = loss_fn(net(x_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 8 == 7:
        with torch.no_grad():
            residual = y_val - net(x_val)
            r2 = 1 - residual.pow(2).sum() / (y_val - y_val.mean()).pow(2).sum()
        print(f"epoch {epoch + 1}: train loss {loss.item():.4f}, validation R2 {r2.item():.3f}")
