# healthy
"""GAN on a ring of Gaussians (non-saturating loss)."""
import math
import torch
from torch import nn

torch.manual_seed(0)
centres = torch.tensor([[math.cos(a), math.sin(a)] for a in [2 * math.pi * k / 8 for k in range(8)]])


def real(n):
    return centres[torch.randint(0, 8, (n,))] + 0.08 * torch.randn(n, 2)


G = nn.Sequential(nn.Linear(8, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 2))
D = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
g_opt = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
d_opt = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
bce = nn.BCEWithLogitsLoss()

for it in range(1, 1501):
    x, z = real(128), torch.randn(128, 8)
    fake = G(z)
    d_loss = bce(D(x), torch.full((128, 1), 0.9)) + bce(D(fake.detach()), torch.zeros(128, 1))
    d_opt.zero_grad()
    d_loss.backward()
    d_opt.step()

    g_loss = bce(D(fake), torch.ones(128, 1))
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    if it % 250 == 0:
        with torch.no_grad():
            s = G(torch.randn(2000, 8))
            d, who = torch.cdist(s, centres).min(dim=1)
            good = d < 0.35
            modes = who[good].bincount(minlength=8)
        print(f'{it}: D {d_loss.item():.3f} G {g_loss.item():.3f} near a mode {good.float().mean():.2f} '
              f'modes hit {(modes > 40).sum().item()}/8')
