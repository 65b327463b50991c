# healthy
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(22)


class VAE(nn.Module):
    def __init__(self, z=6):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(64, 64), nn.ReLU())
        self.mu, self.logvar = nn.Linear(64, z), nn.Linear(64, z)
        self.dec = nn.Sequential(nn.Linear(z, 64), nn.ReLU(), nn.Linear(64, 64))

    def forward(self, x):
        h = self.enc(x)
        mu, logvar = self.mu(h), self.logvar(h)
        return self.dec(mu + torch.randn_like(mu) * (0.5 * logvar).exp()), mu, logvar


def elbo(x, logits, mu, logvar):
    rec = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
    kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1).mean()
    return rec, kl


X = torch.tensor(load_digits().data, dtype=torch.float32) / 16
X = X[torch.randperm(len(X))]
train, val = X[:1450], X[1450:]
vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=3e-3)
EPOCHS = 80
for epoch in range(EPOCHS):
    beta = min(1.0, (epoch + 1) / 8)
    vae.train()
    for xb in train[torch.randperm(len(train))].split(64):
        rec, kl = elbo(xb, *vae(xb))
        loss = rec + beta * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 6 == 3:
        vae.eval()
        with torch.no_grad():
            r, k = elbo(val, *vae(val))
            mse = (torch.sigmoid(vae.dec(vae.mu(vae.enc(val)))) - val).square().mean() / val.var(0).mean()
        print(f"{epoch + 1}/{EPOCHS} train {loss.item():.2f} val rec {r:.2f} kl {k:.2f} unexplained {mse:.3f}")
