# healthy
"""WGAN-LP (one-sided penalty) in one dimension: critic losses are negative and not comparable over time."""
import torch
from torch import nn

torch.manual_seed(33)


def data(n):
    which = torch.rand(n, 1) < 0.4
    return torch.where(which, -1.5 + 0.2 * torch.randn(n, 1), 1.0 + 0.4 * torch.randn(n, 1))


gen = nn.Sequential(nn.Linear(4, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 1))
critic = nn.Sequential(nn.Linear(1, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 1))
og = torch.optim.Adam(gen.parameters(), lr=3e-4, betas=(0.0, 0.9))
oc = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.0, 0.9))
for it in range(1, 1101):
    for _ in range(3):
        r, f = data(128), gen(torch.randn(128, 4)).detach()
        e = torch.rand(128, 1)
        mid = (e * r + (1 - e) * f).requires_grad_(True)
        g, = torch.autograd.grad(critic(mid).sum(), mid, create_graph=True)
        lc = critic(f).mean() - critic(r).mean() + 5 * (torch.relu(g.norm(dim=1) - 1) ** 2).mean()
        oc.zero_grad()
        lc.backward()
        oc.step()
    lg = -critic(gen(torch.randn(128, 4))).mean()
    og.zero_grad()
    lg.backward()
    og.step()
    if it % 220 == 0:
        with torch.no_grad():
            a, b = gen(torch.randn(3000, 4)).sort(0).values, data(3000).sort(0).values
        print(it, 'critic %.3f gen %.3f' % (lc.item(), lg.item()), 'W1 distance %.3f' % (a - b).abs().mean().item())
