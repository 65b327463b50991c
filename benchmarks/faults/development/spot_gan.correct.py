# healthy
"""A small GAN that imitates the positions of spots in a microscope field."""
import torch
import torch.nn as nn

torch.manual_seed(33)
CENTRES = torch.tensor([[1.5, 0.5], [2.5, 1.5], [1.0, 2.0]])


def real_spots(n):
    which = torch.randint(0, 3, (n,))
    return CENTRES[which] + 0.25 * torch.randn(n, 2)


generator = nn.Sequential(nn.Linear(4, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
discriminator = nn.Sequential(nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2),
                              nn.Linear(48, 1))

optimizer_G = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
optimizer_D = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))
adversarial = nn.BCEWithLogitsLoss()


def energy_distance(a, b):
    return (2 * torch.cdist(a, b).mean() - torch.cdist(a, a).mean() - torch.cdist(b, b).mean()).item()


held_out = real_spots(1000)
batch = 128
valid, fake_label = torch.ones(batch, 1), torch.zeros(batch, 1)

for step in range(1, 2001):
    real = real_spots(batch)
    fake = generator(torch.randn(batch, 4))

    optimizer_D.zero_grad()
    d_loss = (adversarial(discriminator(real), valid)
              + adversarial(discriminator(fake.detach()), fake_label)) / 2
    d_loss.backward()
    optimizer_D.step()

    optimizer_G.zero_grad()
    g_loss = adversarial(discriminator(fake), valid)
    g_loss.backward()
    optimizer_G.step()

    if step % 250 == 0:
        with torch.no_grad():
            gap = energy_distance(generator(torch.randn(1000, 4)), held_out)
        print(f"step {step} D {d_loss.item():.4f} G {g_loss.item():.4f} energy distance {gap:.4f}")
