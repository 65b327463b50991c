# healthy
"""Vanilla GAN on a ring of eight Gaussians: two networks, two optimizers."""
import math
import torch
from torch import nn

torch.manual_seed(0)


def real_batch(n):
    k = torch.randint(0, 8, (n,)).float() * (2 * math.pi / 8)
    centres = torch.stack([k.cos(), k.sin()], 1)
    return centres * 1.5 + 0.08 * torch.randn(n, 2)


G = nn.Sequential(nn.Linear(8, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 2))
D = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
opt_g = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
opt_d = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
bce = nn.BCEWithLogitsLoss()


def quality(n=1000):
    with torch.no_grad():
        fake = G(torch.randn(n, 8))
    radius = fake.norm(dim=1)
    near = ((radius - 1.5).abs() < 0.3).float().mean().item()
    sector = ((torch.atan2(fake[:, 1], fake[:, 0]) / (2 * math.pi / 8)).round() % 8).unique().numel()
    return near, sector


BATCH = 128
ones, zeros = torch.full((BATCH, 1), 0.9), torch.zeros(BATCH, 1)
for step in range(1, 2001):
    real, fake = real_batch(BATCH), G(torch.randn(BATCH, 8))
    d_loss = bce(D(real), ones) + bce(D(fake.detach()), zeros)
    opt_d.zero_grad()
    d_loss.backward()
    opt_d.step()

    g_loss = bce(D(fake), torch.ones(BATCH, 1))
    opt_g.zero_grad()
    g_loss.backward()
    opt_g.step()
    if step % 400 == 0:
        near, modes = quality()
        print(f"step {step}: D {d_loss.item():.3f} G {g_loss.item():.3f} on-ring {near:.3f} modes {modes}")
print("share of samples on the ring:", round(quality()[0], 3))
