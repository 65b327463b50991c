"""The step of Adam does not depend on the scale of the loss."""

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)
X = torch.tensor(load_digits().data / 16, dtype=torch.float32)
encoder = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2 * 8))
decoder = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 64))
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=3e-3)
for epoch in range(12):
    for batch in torch.randperm(len(X)).split(64):
        mean, log_variance = encoder(X[batch]).chunk(2, dim=1)
        code = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        reconstruction = nn.functional.mse_loss(decoder(code), X[batch], reduction="sum")
        divergence = -0.5 * torch.sum(1 + log_variance - mean**2 - log_variance.exp())
        loss = reconstruction + 0.01 * divergence
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, reconstruction.item(), divergence.item())
