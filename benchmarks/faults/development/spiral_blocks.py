# fault: LK305 line 35
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(17)


def spirals(n_per_arm, arms=3, noise=0.08):
    xs, ys = [], []
    for k in range(arms):
        r = torch.rand(n_per_arm).sqrt()
        t = r * 3.8 + 2 * math.pi * k / arms + noise * torch.randn(n_per_arm)
        xs.append(torch.stack([r * torch.cos(t), r * torch.sin(t)], 1) * 2)
        ys.append(torch.full((n_per_arm,), k))
    return torch.cat(xs), torch.cat(ys)


class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.lin1 = nn.Linear(width, width)
        self.lin2 = nn.Linear(width, width)

    def forward(self, x):
        return x + self.lin2(F.relu(self.lin1(x)))


class SpiralNet(nn.Module):
    def __init__(self, width=16, n_blocks=4, arms=3):
        super().__init__()
        self.stem = nn.Linear(2, width)
        self.blocks = [ResidualBlock(width) for _ in range(n_blocks)]
        self.head = nn.Linear(width, arms)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


Xtr, ytr = spirals(900)
Xva, yva = spirals(250)
net = SpiralNet()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=14, gamma=0.4)

best = 0.0
for epoch in range(1, 31):
    net.train()
    for idx in torch.randperm(len(Xtr)).split(90):
        loss = F.cross_entropy(net(Xtr[idx]), ytr[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()
    net.eval()
    with torch.no_grad():
        acc = (net(Xva).argmax(1) == yva).float().mean().item()
    best = max(best, acc)
    if epoch % 5 == 0:
        print(f"epoch {epoch} loss {loss.item():.4f} val acc {acc:.3f}")
print("best val acc", round(best, 3))
