# healthy
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(6)


def draw(n):
    x = torch.rand(n, 2) * 2 - 1
    sigma = 0.05 + 0.4 * (x[:, 1:] + 1) / 2
    return x * 1.7, 0.5 * torch.sin(3 * x[:, :1]) + sigma * torch.randn(n, 1)


class MeanVar(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(2, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh())
        self.mean = nn.Linear(40, 1)
        self.raw_var = nn.Linear(40, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.mean(h), nn.functional.softplus(self.raw_var(h)) + 1e-4


xt, yt = draw(3000)
xv, yv = draw(800)
model, nll = MeanVar(), nn.GaussianNLLLoss()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 20)
for epoch in range(20):
    total = 0.0
    for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=100, shuffle=True):
        mu, var = model(xb)
        loss = nll(mu, yb, var)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item() * len(xb)
    sched.step()
    with torch.no_grad():
        mu, var = model(xv)
        r2 = 1 - ((mu - yv) ** 2).sum() / ((yv - yv.mean()) ** 2).sum()
        cover = ((mu - yv).abs() < 1.96 * var.sqrt()).float().mean()
    print(f"epoch {epoch} nll {total / len(xt):.4f} val nll {nll(mu, yv, var):.4f} R2 {r2:.3f} coverage {cover:.3f}")
