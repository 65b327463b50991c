# healthy
"""Variational autoencoder for 8x8 digits (sum over pixels, mean over the batch)."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from sklearn.datasets import load_digits

torch.manual_seed(4)


class VAE(nn.Module):
    def __init__(self, latent=8):
        super().__init__()
        self.enc = nn.Linear(64, 128)
        self.mu = nn.Linear(128, latent)
        self.logvar = nn.Linear(128, latent)
        self.dec1 = nn.Linear(latent, 128)
        self.dec2 = nn.Linear(128, 64)

    def encode(self, x):
        h = F.relu(self.enc(x))
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.dec2(F.relu(self.dec1(z)))

    def forward(self, x):
        mu, logvar = self.encode(x)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return self.decode(z), mu, logvar


def elbo_loss(logits, x, mu, logvar, beta):
    rec = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
    kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / len(x)
    return rec + beta * kl, rec, kl


x = torch.tensor(load_digits().data / 16.0, dtype=torch.float32)
x = x[torch.randperm(len(x))]
train, val = x[:1500], x[1500:]
model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(40):
    beta = min(1.0, (epoch + 1) / 15)
    model.train()
    total = 0.0
    for xb in DataLoader(train, batch_size=64, shuffle=True):
        loss, rec, kl = elbo_loss(*(lambda o: (o[0], xb, o[1], o[2]))(model(xb)), beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(xb)
    if epoch % 8 == 7:
        model.eval()
        with torch.no_grad():
            mu, _ = model.encode(val)
            err = (torch.sigmoid(model.decode(mu)) - val).pow(2).mean()
            r2 = 1 - err / val.sub(train.mean(0)).pow(2).mean()
        print(f"epoch {epoch + 1}: beta {beta:.2f} loss {total / 1500:.3f} kl {kl.item():.2f} val reconstruction R2 {r2:.4f}")
print("reconstruction R2", round(r2.item(), 4))
