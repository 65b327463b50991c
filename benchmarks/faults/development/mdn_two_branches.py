# healthy
"""Mixture density network: one input, several right answers."""
import torch
from torch import nn
from torch.distributions import Categorical, MixtureSameFamily, Normal

torch.manual_seed(50)


def draw(n):
    t = torch.rand(n) * 2 - 1
    side = torch.where(torch.rand(n) < 0.35, -1.0, 1.0)
    y = side * (0.25 + 0.5 * t ** 2) + 0.015 * torch.randn(n)
    return t.unsqueeze(1), y


class MDN(nn.Module):
    def __init__(self, parts=3):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(1, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh())
        self.mix = nn.Linear(48, parts)
        self.mean = nn.Linear(48, parts)
        self.width = nn.Linear(48, parts)
        nn.init.uniform_(self.mean.bias, -0.8, 0.8)

    def forward(self, t):
        h = self.trunk(t)
        scale = nn.functional.softplus(self.width(h)) + 5e-3
        return MixtureSameFamily(Categorical(logits=self.mix(h)), Normal(self.mean(h), scale))


x, y = draw(4000)
x_val, y_val = draw(1000)
net = MDN()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 40)
for epoch in range(40):
    net.train()
    for idx in torch.randperm(len(y)).split(128):
        nll = -net(x[idx]).log_prob(y[idx]).mean()
        opt.zero_grad()
        nll.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
    sched.step()
    if epoch % 8 == 7:
        net.eval()
        with torch.no_grad():
            d = net(x_val)
            print(f"epoch {epoch + 1} nll {nll.item():.3f} val nll {-d.log_prob(y_val).mean().item():.3f} "
                  f"share below zero {(d.sample() < 0).float().mean().item():.2f}")
