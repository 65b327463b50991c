# healthy
"""GAN that learns a ring of eight Gaussian blobs (two optimisers, alternating updates)."""
import math

import torch
from torch import nn, optim

torch.manual_seed(0)
LATENT, BATCH, STEPS, R1 = 8, 128, 1500, 0.05


def real_batch(n):
    k = torch.randint(0, 8, (n,))
    angle = k * (2 * math.pi / 8)
    centre = torch.stack([torch.cos(angle), torch.sin(angle)], dim=1)
    return 1.5 * centre + 0.12 * torch.randn(n, 2)


def mlp(n_in, n_out, act):
    return nn.Sequential(nn.Linear(n_in, 64), act(), nn.Linear(64, 64), act(), nn.Linear(64, n_out))


generator = mlp(LATENT, 2, nn.ReLU)
critic = mlp(2, 1, lambda: nn.LeakyReLU(0.2))
opt_g = optim.Adam(generator.parameters(), lr=1e-3, betas=(0.0, 0.99))
opt_d = optim.Adam(critic.parameters(), lr=1e-3, betas=(0.0, 0.99))
bce = nn.BCEWithLogitsLoss()
ones, zeros = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
centres = torch.stack([torch.tensor([math.cos(i * math.pi / 4), math.sin(i * math.pi / 4)]) for i in range(8)]) * 1.5


@torch.no_grad()
def report(step, d_loss, g_loss):
    fake = generator(torch.randn(1000, LATENT))
    dist, mode = torch.cdist(fake, centres).min(dim=1)
    share = torch.bincount(mode[dist < 0.4], minlength=8) / 1000
    print(f"step {step:5d}  D {d_loss:.3f}  G {g_loss:.3f}  near a blob {(dist < 0.4).float().mean():.3f}  "
          f"modes covered {(share > 0.02).sum().item()}/8")


for step in range(1, STEPS + 1):
    real = real_batch(BATCH)
    fake = generator(torch.randn(BATCH, LATENT))
    real.requires_grad_(True)
    d_real, d_fake = critic(real), critic(fake.detach())
    slope = torch.autograd.grad(d_real.sum(), real, create_graph=True)[0]
    penalty = slope.pow(2).sum(1).mean()
    d_loss = bce(d_real, ones) + bce(d_fake, zeros) + 0.5 * R1 * penalty
    opt_d.zero_grad()
    d_loss.backward()
    opt_d.step()

    fake = generator(torch.randn(BATCH, LATENT))
    g_loss = bce(critic(fake), ones)
    opt_g.zero_grad()
    g_loss.backward()
    opt_g.step()
    if step % 300 == 0:
        report(step, d_loss.item(), g_loss.item())
