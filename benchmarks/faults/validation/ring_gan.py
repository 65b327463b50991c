# healthy
import math
import torch
import torch.nn as nn

torch.manual_seed(3)

Z_DIM, BATCH, STEPS = 4, 128, 1400


def real_batch(n):
    ang = torch.rand(n) * 2 * math.pi
    rad = 1.0 + 0.08 * torch.randn(n)
    return torch.stack([rad * torch.cos(ang), rad * torch.sin(ang)], 1)


generator = nn.Sequential(
    nn.Linear(Z_DIM, 64), nn.LeakyReLU(0.2),
    nn.Linear(64, 64), nn.LeakyReLU(0.2),
    nn.Linear(64, 2),
)
discriminator = nn.Sequential(
    nn.Linear(2, 64), nn.LeakyReLU(0.2),
    nn.Linear(64, 64), nn.LeakyReLU(0.2),
    nn.Linear(64, 1),
)

bce = nn.BCEWithLogitsLoss()
opt_g = torch.optim.Adam(generator.parameters(), lr=5e-4, betas=(0.5, 0.999))
opt_d = torch.optim.Adam(discriminator.parameters(), lr=5e-4, betas=(0.5, 0.999))
ones, zeros = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)


@torch.no_grad()
def quality(n=2000):
    """Share of samples near the ring, and share of 16 sectors that are populated."""
    s = generator(torch.randn(n, Z_DIM))
    r = s.norm(dim=1)
    near = ((r - 1).abs() < 0.25).float().mean().item()
    sector = ((torch.atan2(s[:, 1], s[:, 0]) + math.pi) / (2 * math.pi) * 16).long().clamp(0, 15)
    filled = (torch.bincount(sector, minlength=16) > n / 100).float().mean().item()
    return near, filled


for step in range(1, STEPS + 1):
    # discriminator
    real = real_batch(BATCH)
    fake = generator(torch.randn(BATCH, Z_DIM)).detach()
    loss_d = bce(discriminator(real), ones) + bce(discriminator(fake), zeros)
    opt_d.zero_grad()
    loss_d.backward()
    opt_d.step()

    # generator
    loss_g = bce(discriminator(generator(torch.randn(BATCH, Z_DIM))), ones)
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()

    if step % 200 == 0:
        near, filled = quality()
        print(f"step {step:5d}  D {loss_d.item():.3f}  G {loss_g.item():.3f}  near ring {near:.2f}  sectors {filled:.2f}")
