# healthy
"""Density of two interleaved half-moons with affine coupling layers (RealNVP)."""
import torch
from sklearn.datasets import make_moons
from torch import nn


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(1, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
        nn.init.zeros_(self.net[-1].weight)
        nn.init.zeros_(self.net[-1].bias)

    def forward(self, x):
        a, b = x[:, :1], x[:, 1:]
        if self.flip:
            a, b = b, a
        s, t = self.net(a).chunk(2, dim=1)
        s = torch.tanh(s)
        b = b * s.exp() + t
        return torch.cat([b, a] if self.flip else [a, b], dim=1), s.squeeze(1)


class Flow(nn.Module):
    def __init__(self, depth=8):
        super().__init__()
        self.steps = nn.ModuleList(Coupling(k % 2 == 1) for k in range(depth))
        self.base = torch.distributions.Normal(0.0, 1.0)

    def log_prob(self, x):
        total = torch.zeros(len(x))
        for step in self.steps:
            x, logdet = step(x)
            total = total + logdet
        return total + self.base.log_prob(x).sum(dim=1)


def moons(n, seed):
    x, _ = make_moons(n, noise=0.04, random_state=seed)
    return (torch.tensor(x, dtype=torch.float32) - torch.tensor([0.5, 0.25])) * torch.tensor([0.35, 0.6])


torch.manual_seed(40)
train, test = moons(3000, 0), moons(1000, 1)
flow = Flow()
opt = torch.optim.Adam(flow.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=24)
for epoch in range(24):
    for x in train[torch.randperm(len(train))].split(200):
        loss = -flow.log_prob(x).mean()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(flow.parameters(), 5.0)
        opt.step()
    sched.step()
    if epoch % 4 == 3:
        with torch.no_grad():
            print(f"epoch {epoch} nll {loss.item():.4f} test log-likelihood {flow.log_prob(test).mean():.4f}")
