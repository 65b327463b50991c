# healthy
"""Variational autoencoder of daily load profiles."""
import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader


def load_profiles(n, seed):
    g = torch.Generator().manual_seed(seed)
    hour = torch.linspace(0, 2 * math.pi, 48)
    z = torch.randn(n, 3, generator=g)
    base = (z[:, :1] * torch.sin(hour) + z[:, 1:2] * torch.cos(2 * hour)
            + z[:, 2:] * torch.exp(-((hour - 4) ** 2)) * 1.5)
    return base + 0.15 * torch.randn(n, 48, generator=g)


class VAE(nn.Module):
    def __init__(self, latent=4):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(48, 64), nn.ReLU())
        self.mu, self.logvar = nn.Linear(64, latent), nn.Linear(64, latent)
        self.dec = nn.Sequential(nn.Linear(latent, 64), nn.ReLU(), nn.Linear(64, 48))

    def forward(self, x):
        h = self.enc(x)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return self.dec(z), mu, logvar


def elbo_loss(recon, x, mu, logvar):
    mse = F.mse_loss(recon, x, reduction="sum") / len(x)
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / len(x)
    return mse + kld


torch.manual_seed(19)
train, test = load_profiles(1600, 0), load_profiles(400, 1)
model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loader = DataLoader(train, batch_size=64, shuffle=True)
spread = (test - test.mean(0)).pow(2).mean()

for epoch in range(1, 31):
    model.train()
    total = 0.0
    for x in loader:
        optimizer.zero_grad()
        recon, mu, logvar = model(x)
        loss = elbo_loss(recon, x, mu, logvar)
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        recon = model.dec(model.mu(model.enc(test)))
        r2 = 1 - (recon - test).pow(2).mean() / spread
    if epoch % 3 == 0:
        print(f"epoch {epoch:2d} loss {total / len(loader):.4f} reconstruction R2 {r2:.4f}")
