# healthy
"""Denoising diffusion on two concentric rings. The noise-prediction loss has a high floor by nature."""
import torch
import torch.nn as nn
from sklearn.datasets import make_circles

torch.manual_seed(60)
STEPS = 50
beta = torch.linspace(1e-3, 0.15, STEPS)
alpha_bar = torch.cumprod(1 - beta, 0)


def rings(n, seed):
    x, _ = make_circles(n, noise=0.03, factor=0.45, random_state=seed)
    return torch.tensor(x, dtype=torch.float32) / 0.55


class Denoiser(nn.Module):
    def __init__(self, width=96):
        super().__init__()
        self.step = nn.Embedding(STEPS, 16)
        self.net = nn.Sequential(nn.Linear(18, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
                                 nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2))

    def forward(self, x, t):
        return self.net(torch.cat([x, self.step(t)], dim=1))


@torch.no_grad()
def generate(model, n):
    x = torch.randn(n, 2)
    for t in reversed(range(STEPS)):
        eps = model(x, torch.full((n,), t))
        x = (x - beta[t] / (1 - alpha_bar[t]).sqrt() * eps) / (1 - beta[t]).sqrt()
        if t > 0:
            x = x + beta[t].sqrt() * torch.randn_like(x)
    return x


def energy(a, b):
    return (2 * torch.cdist(a, b).mean() - torch.cdist(a, a).mean() - torch.cdist(b, b).mean()).item()


data, held = rings(4000, 0), rings(1000, 1)
model = Denoiser()
shadow = {k: v.clone() for k, v in model.state_dict().items()}
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=1400, eta_min=1e-5)
smooth = None
for it in range(1, 1401):
    x = data[torch.randint(0, len(data), (128,))]
    t = torch.randint(0, STEPS, (128,))
    noise = torch.randn_like(x)
    a = alpha_bar[t][:, None]
    loss = (model(a.sqrt() * x + (1 - a).sqrt() * noise, t) - noise).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    with torch.no_grad():
        for k, v in model.state_dict().items():
            shadow[k].lerp_(v, 0.01)
    smooth = loss.item() if smooth is None else 0.99 * smooth + 0.01 * loss.item()
    if it % 200 == 0:
        copy = Denoiser()
        copy.load_state_dict(shadow)
        print(f"iteration {it} loss {smooth:.4f} energy distance {energy(generate(copy, 1000), held):.4f}")
