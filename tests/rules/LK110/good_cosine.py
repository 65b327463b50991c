"""Directions learned from noisy copies: one minus the cosine is what is made small."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(3)
turn = torch.linalg.qr(torch.randn(12, 12)).Q
x = torch.randn(1200, 12)
y = F.normalize(x @ turn + 0.1 * torch.randn(1200, 12), dim=1)
train, test = slice(0, 1000), slice(1000, 1200)

net = nn.Sequential(nn.Linear(12, 48), nn.Tanh(), nn.Linear(48, 12))
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    for rows in torch.randperm(1000).split(50):
        loss = (1 - F.cosine_similarity(net(x[rows]), y[rows], dim=1)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    found = F.normalize(net(x[test]), dim=1) @ y[test].T
    print("found", (found.argmax(1) == torch.arange(200)).float().mean().item())
