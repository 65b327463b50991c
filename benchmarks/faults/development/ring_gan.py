# healthy
"""GAN that learns a noisy ring."""
import math
import torch
import torch.nn as nn

torch.manual_seed(1)


def ring(n):
    a = torch.rand(n) * 2 * math.pi
    r = 1.0 + 0.05 * torch.randn(n)
    return torch.stack([r * torch.cos(a), r * torch.sin(a)], 1)


G = nn.Sequential(nn.Linear(4, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 2))
D = nn.Sequential(nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 1))
opt_g = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.99))
opt_d = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.99))
bce = nn.BCEWithLogitsLoss()
ones, zeros = torch.ones(128, 1), torch.zeros(128, 1)

for step in range(1, 1201):
    fake = G(torch.randn(128, 4))
    opt_d.zero_grad()
    d_loss = bce(D(ring(128)), 0.9 * ones) + bce(D(fake.detach()), zeros)
    d_loss.backward()
    opt_d.step()

    opt_g.zero_grad()
    g_loss = bce(D(fake), ones)
    g_loss.backward()
    opt_g.step()
    if step % 200 == 0:
        with torch.no_grad():
            rad = G(torch.randn(1000, 4)).norm(dim=1)
        print(f"step {step} d {d_loss.item():.3f} g {g_loss.item():.3f} radius {rad.mean():.3f} +- {rad.std():.3f}")
