"""Directions in the plane: the angle between the predicted and the true one is the loss."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)
angle = torch.rand(1500) * 6.283
target = torch.stack([angle.cos(), angle.sin()], dim=1)
X = torch.cat([target, target**2, torch.randn(1500, 4)], dim=1)


class Compass(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, x):
        return F.normalize(self.body(x), dim=1)


model = Compass()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(40):
    for rows in torch.randperm(1200).split(40):
        cosine = (model(X[rows]) * target[rows]).sum(dim=1).clamp(-1, 1)
        loss = torch.acos(cosine).mean()  # <- fault
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

model.eval()
with torch.no_grad():
    error = F.mse_loss(model(X[1200:]), target[1200:])
print("squared error", error.item())
