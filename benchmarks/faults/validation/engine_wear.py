# healthy
"""Engine wear with uncertainty: Monte-Carlo dropout, 30 stochastic passes at prediction time."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(52)
torch.manual_seed(52)

n = 2000
raw = rng.uniform([500, 60, 0.5, 10], [6000, 120, 4.0, 90], size=(n, 4))   # rpm, oil temp, load, km/h
z = (raw - raw[:1500].mean(0)) / raw[:1500].std(0)
wear = 0.8 * z[:, 0] + 0.5 * z[:, 1] * z[:, 2] + 0.4 * z[:, 2] - 0.2 * z[:, 3] + rng.normal(0, 0.15, n)
wear = (wear - wear[:1500].mean()) / wear[:1500].std()
X = torch.tensor(z, dtype=torch.float32)
Y = torch.tensor(wear, dtype=torch.float32).unsqueeze(1)


class WearNet(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Dropout(p),
                               nn.Linear(64, 64), nn.ReLU(), nn.Dropout(p), nn.Linear(64, 1))

    def forward(self, x):
        return self.f(x)


def mc_predict(net, x, passes=30):
    net.eval()
    for m in net.modules():
        if isinstance(m, nn.Dropout):
            m.train()
    with torch.no_grad():
        draws = torch.stack([net(x) for _ in range(passes)])
    return draws.mean(0), draws.std(0)


net = WearNet()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(25):
    net.train()
    total = 0.0
    for idx in torch.randperm(1500).split(50):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(X[idx]), Y[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    if epoch % 5 == 4:
        mean, std = mc_predict(net, X[1500:])
        resid = (mean - Y[1500:]).pow(2).mean()
        print(f"epoch {epoch + 1}: train {total / 1500:.4f}  test R2 {1 - (resid / Y[1500:].var()).item():.3f}"
              f"  mean sigma {std.mean().item():.3f}")
