"""Two inputs of opposite signs, or of the same: what no straight line can tell apart."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
X = torch.randn(1200, 2)
y = (X[:, 0] * X[:, 1] > 0).float()

model = nn.Sequential(nn.Linear(2, 1))  # <- fault
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

for epoch in range(20):
    for rows in torch.randperm(1000).split(32):
        loss = F.binary_cross_entropy_with_logits(model(X[rows]).squeeze(1), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    print("accuracy", ((model(X[1000:]).squeeze(1) > 0).float() == y[1000:]).float().mean().item())
