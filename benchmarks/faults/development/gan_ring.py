# healthy
"""A GAN on eight Gaussians around a ring."""
import math

import torch
import torch.nn as nn

torch.manual_seed(0)
LATENT = 8


def real_batch(n):
    k = torch.randint(8, (n,))
    centre = torch.stack([torch.cos(2 * math.pi * k / 8), torch.sin(2 * math.pi * k / 8)], 1)
    return centre + 0.05 * torch.randn(n, 2)


G = nn.Sequential(nn.Linear(LATENT, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
D = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
opt_g = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
opt_d = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
criterion = nn.BCEWithLogitsLoss()

for step in range(400):
    real = real_batch(64)
    fake = G(torch.randn(64, LATENT))
    opt_d.zero_grad()
    d_loss = criterion(D(real), torch.ones(64, 1)) + criterion(D(fake.detach()), torch.zeros(64, 1))
    d_loss.backward()
    opt_d.step()

    opt_g.zero_grad()
    g_loss = criterion(D(fake), torch.ones(64, 1))
    g_loss.backward()
    opt_g.step()
    if step % 100 == 0:
        print(f"{step}: D {d_loss.item():.3f} G {g_loss.item():.3f}")
