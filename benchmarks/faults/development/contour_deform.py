# fault: LK202 line 38
"""Bend a round template contour until it matches an observed outline (one network for all outlines)."""
import math

import torch
from torch import nn

torch.manual_seed(5)
POINTS = 24
ANGLES = torch.arange(POINTS) * (2 * math.pi / POINTS)
TEMPLATE = torch.stack([ANGLES.cos(), ANGLES.sin()], dim=1)


def outlines(n, gen):
    a = torch.randn(n, 4, generator=gen) * 0.18
    r = (1 + a[:, :1] * torch.cos(2 * ANGLES) + a[:, 1:2] * torch.sin(2 * ANGLES)
         + a[:, 2:3] * torch.cos(3 * ANGLES) + a[:, 3:4] * torch.sin(3 * ANGLES))
    contour = torch.stack([r * ANGLES.cos(), r * ANGLES.sin()], dim=2)
    seen = (r - 1) * 4 + 0.05 * torch.randn(n, POINTS, generator=gen)
    return seen, contour


class Deformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(POINTS, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU())
        self.offset = nn.Linear(96, POINTS * 2)
        # start from the undeformed template
        nn.init.zeros_(self.offset.weight)
        nn.init.zeros_(self.offset.bias)

    def forward(self, seen):
        delta = self.offset(self.body(seen)).view(-1, POINTS, 2)
        return TEMPLATE + delta, delta


def deformation_energy(delta):
    return torch.sqrt((delta ** 2).sum(dim=2)).mean()


gen = torch.Generator().manual_seed(0)
train_seen, train_contour = outlines(1200, gen)
test_seen, test_contour = outlines(300, gen)
model = Deformer()
optim = torch.optim.Adam(model.parameters(), lr=2e-3)
var = (test_contour - test_contour.mean(0)).pow(2).mean()

for epoch in range(25):
    perm = torch.randperm(len(train_seen))
    epoch_loss = 0.0
    for i in range(0, len(perm), 60):
        rows = perm[i:i + 60]
        bent, delta = model(train_seen[rows])
        match = (bent - train_contour[rows]).pow(2).sum(dim=2).mean()
        loss = match + 0.002 * deformation_energy(delta)
        optim.zero_grad()
        loss.backward()
        optim.step()
        epoch_loss += loss.item() / 20
    with torch.no_grad():
        err = (model(test_seen)[0] - test_contour).pow(2).mean()
    if epoch % 4 == 0:
        print(f"epoch {epoch:2d} loss {epoch_loss:.5f} test R2 {1 - (err / var).item():.4f}")
with torch.no_grad():
    err = (model(test_seen)[0] - test_contour).pow(2).mean()
print(f"final test R2 {1 - (err / var).item():.4f}")
