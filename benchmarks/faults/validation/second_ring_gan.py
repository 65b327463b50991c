# healthy
# GAN on a ring of 8 Gaussians (2-D toy).
import math

import torch
import torch.nn as nn

torch.manual_seed(0)

Z_DIM = 8
BATCH = 128
STEPS = 1600
CENTRES = torch.tensor([[2 * math.cos(a), 2 * math.sin(a)] for a in [i * math.pi / 4 for i in range(8)]])


def real_batch(n):
    return CENTRES[torch.randint(0, 8, (n,))] + 0.12 * torch.randn(n, 2)


def mlp(n_in, n_out):
    return nn.Sequential(nn.Linear(n_in, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2),
                         nn.Linear(64, n_out))


G = mlp(Z_DIM, 2)
D = mlp(2, 1)
opt_g = torch.optim.Adam(G.parameters(), lr=1.5e-3, betas=(0.5, 0.999))
opt_d = torch.optim.Adam(D.parameters(), lr=1.5e-3, betas=(0.5, 0.999))
bce = nn.BCEWithLogitsLoss()
ones = torch.ones(BATCH, 1)
zeros = torch.zeros(BATCH, 1)


def coverage(n=2000):
    with torch.no_grad():
        x = G(torch.randn(n, Z_DIM))
    d, who = torch.cdist(x, CENTRES).min(1)
    good = d < 0.5
    return good.float().mean().item(), len(set(who[good].tolist()))


for step in range(1, STEPS + 1):
    real = real_batch(BATCH)
    fake = G(torch.randn(BATCH, Z_DIM))
    d_loss = bce(D(real), ones * 0.9) + bce(D(fake.detach()), zeros)
    opt_d.zero_grad()
    d_loss.backward()
    opt_d.step()

    g_loss = bce(D(G(torch.randn(BATCH, Z_DIM))), ones)
    opt_g.zero_grad()
    g_loss.backward()
    opt_g.step()

    if step % 200 == 0:
        frac, modes = coverage()
        print(f"step {step:5d}  D {d_loss.item():.3f}  G {g_loss.item():.3f}  on-ring {frac:.2f}  modes {modes}")

frac, modes = coverage()
print(f"METRIC on_ring {frac:.3f} modes {modes}")
