# healthy
# %% [markdown]
# Small VAE on the scikit-learn digits (exported from a notebook)

# %%
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

# %%
X = torch.tensor(load_digits().data, dtype=torch.float32) / 16.0
train_x, test_x = train_test_split(X, test_size=0.2, random_state=0)
loader = DataLoader(TensorDataset(train_x), batch_size=64, shuffle=True)


# %%
class VAE(nn.Module):
    def __init__(self, latent=8):
        super().__init__()
        self.fc1 = nn.Linear(64, 128)
        self.mu = nn.Linear(128, latent)
        self.logvar = nn.Linear(128, latent)
        self.fc2 = nn.Linear(latent, 128)
        self.fc3 = nn.Linear(128, 64)

    def encode(self, x):
        h = F.relu(self.fc1(x))
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return torch.sigmoid(self.fc3(F.relu(self.fc2(z))))

    def forward(self, x):
        mu, logvar = self.encode(x)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return self.decode(z), mu, logvar


def vae_loss(recon, x, mu, logvar):
    rec = F.binary_cross_entropy(recon, x, reduction="sum") / x.size(0)
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / x.size(0)
    return rec + kld


# %%
model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
pixel_mean = train_x.mean(0)

for epoch in range(1, 51):
    model.train()
    total = 0.0
    for (x,) in loader:
        optimizer.zero_grad()
        recon, mu, logvar = model(x)
        loss = vae_loss(recon, x, mu, logvar)
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 10 == 0:
        model.eval()
        with torch.no_grad():
            mu, _ = model.encode(test_x)
            recon = model.decode(mu)
            explained = 1 - ((recon - test_x) ** 2).sum() / ((test_x - pixel_mean) ** 2).sum()
        print(f"epoch {epoch:3d}  loss {total / len(loader):.4f}  test reconstruction R2 {explained.item():.4f}")

# %%
with torch.no_grad():
    samples = model.decode(torch.randn(16, 8)).view(-1, 8, 8)
print("pixel std across generated samples:", round(samples.std(0).mean().item(), 4))
