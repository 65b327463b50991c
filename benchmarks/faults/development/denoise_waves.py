# fault: LK105 line 30
"""Denoising autoencoder for mixtures of periodic signals."""
import math
import torch
from torch import nn

torch.manual_seed(5)
K, B, Z = 32, 4, 24          # samples per period, periods, latent size
T = K * B


def roll_signals(n):
    t = torch.linspace(0, 2 * math.pi * B, T)
    freqs = torch.tensor([0.5, 1.0, 2.0, 3.0])
    coef = torch.randn(n, 4, 1)
    phase = 2 * math.pi * torch.rand(n, 4, 1)
    clean = (coef * torch.cos(freqs[None, :, None] * t + phase)).sum(1)
    return clean


class LinAutoencoder(nn.Module):
    def __init__(self, in_features, z_dim):
        super().__init__()
        encoder_layers = [
            nn.Linear(in_features, 96), nn.ReLU(),
            nn.Linear(96, z_dim),
        ]
        decoder_layers = [
            nn.Linear(z_dim, 96), nn.ReLU(),
            nn.Linear(96, in_features), nn.Sigmoid(),
        ]
        self.encoder = nn.Sequential(*encoder_layers)
        self.decoder = nn.Sequential(*decoder_layers)

    def forward(self, x):
        return self.decoder(self.encoder(x))


train_clean, test_clean = roll_signals(3000), roll_signals(400)
mean, std = train_clean.mean(), train_clean.std()
train_clean, test_clean = (train_clean - mean) / std, (test_clean - mean) / std
test_noisy = test_clean + 0.3 * torch.randn_like(test_clean)

ae = LinAutoencoder(T, Z)
opt = torch.optim.Adam(ae.parameters(), lr=2e-3)
mse = nn.MSELoss()

for epoch in range(20):
    ae.train()
    for batch in train_clean[torch.randperm(len(train_clean))].split(64):
        noisy = batch + 0.3 * torch.randn_like(batch)
        loss = mse(ae(noisy), batch)
        opt.zero_grad()
        loss.backward()
        opt.step()
    ae.eval()
    with torch.no_grad():
        err = mse(ae(test_noisy), test_clean).item()
    explained = 1 - err / test_clean.var().item()
    print(f"epoch {epoch:02d}  train {loss.item():.4f}  test mse {err:.4f}  explained variance {explained:.3f}")
