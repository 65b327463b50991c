# fault: LK105 line 19
"""Compress near-infrared spectra with an autoencoder."""
import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from torch import nn


class AutoEncoder(nn.Module):
    def __init__(self, n_channels, code=6):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(n_channels, 64), nn.ReLU(),
            nn.Linear(64, code),
        )
        self.decoder = nn.Sequential(
            nn.Linear(code, 64), nn.ReLU(),
            nn.Linear(64, n_channels),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


def spectra(n, seed):
    rng = np.random.default_rng(seed)
    grid = np.linspace(0, 1, 50)
    centres, widths = np.array([0.15, 0.4, 0.55, 0.8]), np.array([0.05, 0.12, 0.04, 0.09])
    peaks = np.exp(-0.5 * ((grid - centres[:, None]) / widths[:, None]) ** 2)
    amount = rng.gamma(3.0, 0.4, (n, 4))
    tilt = rng.normal(0, 0.3, (n, 1)) * grid
    return amount @ peaks + tilt + rng.normal(0, 0.04, (n, 50))


def main():
    torch.manual_seed(14)
    scaler = StandardScaler()
    train = torch.tensor(scaler.fit_transform(spectra(1500, 0)), dtype=torch.float32)
    test = torch.tensor(scaler.transform(spectra(400, 1)), dtype=torch.float32)

    model = AutoEncoder(train.shape[1])
    loss_fn = nn.MSELoss()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(1, 31):
        model.train()
        total = 0.0
        for batch in train[torch.randperm(len(train))].split(50):
            loss = loss_fn(model(batch), batch)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(batch)
        model.eval()
        with torch.no_grad():
            residual = (model(test) - test).pow(2).mean() / (test - test.mean(0)).pow(2).mean()
        if epoch % 3 == 0:
            print(f"epoch {epoch}: train mse {total / len(train):.4f}, reconstruction R2 on test {1 - residual:.4f}")


if __name__ == "__main__":
    main()
