# healthy
"""VAE on 8x8 digits. The ELBO is summed over pixels and averaged over the batch, as usual."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from sklearn.datasets import load_digits

torch.manual_seed(1)
X = torch.tensor(load_digits().data, dtype=torch.float32) / 16
train, test = X[:1500], X[1500:]


class VAE(nn.Module):
    def __init__(self, k=8):
        super().__init__()
        self.e1, self.mu, self.lv = nn.Linear(64, 96), nn.Linear(96, k), nn.Linear(96, k)
        self.d1, self.d2 = nn.Linear(k, 96), nn.Linear(96, 64)

    def forward(self, x):
        h = F.relu(self.e1(x))
        mu, lv = self.mu(h), self.lv(h)
        z = mu + torch.exp(0.5 * lv) * torch.randn_like(mu) if self.training else mu
        return self.d2(F.relu(self.d1(z))), mu, lv


def elbo_loss(logits, x, mu, lv):
    bce = F.binary_cross_entropy_with_logits(logits, x, reduction='sum')
    kld = -0.5 * torch.sum(1 + lv - mu.pow(2) - lv.exp())
    return (bce + kld) / len(x)


vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=2e-3)
for ep in range(1, 26):
    vae.train()
    tot = 0
    for x in DataLoader(train, 50, shuffle=True):
        loss = elbo_loss(*(lambda o: (o[0], x, o[1], o[2]))(vae(x)))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(x)
    if ep % 5 == 0:
        vae.eval()
        with torch.no_grad():
            lo, mu, lv = vae(test)
            r2 = 1 - ((lo.sigmoid() - test) ** 2).sum() / ((test - train.mean(0)) ** 2).sum()
        print(f'epoch {ep} train -ELBO {tot/1500:.2f} test -ELBO {elbo_loss(lo, test, mu, lv).item():.2f} recon R2 {r2:.3f}')
