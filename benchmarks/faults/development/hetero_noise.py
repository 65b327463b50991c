# healthy
"""Mean and spread of a noisy response (Gaussian NLL; the noise is part of the data)."""
import torch
from torch import nn

torch.manual_seed(19)


class MeanAndVariance(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(d, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh())
        self.mean = nn.Linear(32, 1)
        self.raw_var = nn.Linear(32, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.mean(h), nn.functional.softplus(self.raw_var(h)) + 1e-4


def sample(n):
    x = torch.rand(n, 4) * 2 - 1
    mean = 0.22 * torch.sin(3 * x[:, :1]) + 0.12 * x[:, 1:2]
    std = 0.03 + 0.15 * (x[:, 2:3] + 1)
    return x, mean + std * torch.randn(n, 1)


x, y = sample(3000)
xv, yv = sample(800)
net = MeanAndVariance(4)
nll = nn.GaussianNLLLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=40)
for epoch in range(40):
    net.train()
    total = 0.0
    for idx in torch.randperm(len(x)).split(100):
        mean, var = net(x[idx])
        loss = nll(mean, y[idx], var)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    scheduler.step()
    if (epoch + 1) % 8 == 0:
        net.eval()
        with torch.no_grad():
            mean, var = net(xv)
            v = nll(mean, yv, var).item()
            r2 = 1 - (yv - mean).pow(2).sum() / (yv - yv.mean()).pow(2).sum()
            inside = ((yv - mean).abs() < 1.96 * var.sqrt()).float().mean()
        print(f"epoch {epoch + 1}: train nll {total / len(x):.4f} val nll {v:.4f} R2 {r2:.3f} coverage {inside:.3f}")
print("val R2", round(r2.item(), 4))
