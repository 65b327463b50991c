# healthy
import math

import torch
from torch import nn, optim

torch.manual_seed(11)


def spirals(n_per_arm, arms=3, noise=0.08):
    xs, ys = [], []
    for k in range(arms):
        t = torch.rand(n_per_arm) * 0.9 + 0.1
        ang = 2 * math.pi * (k / arms) + 4.0 * t + noise * torch.randn(n_per_arm)
        r = t + 0.015 * torch.randn(n_per_arm)
        xs.append(torch.stack([r * torch.cos(ang), r * torch.sin(ang)], dim=1) * 2)
        ys.append(torch.full((n_per_arm,), k))
    x, y = torch.cat(xs), torch.cat(ys)
    perm = torch.randperm(len(y))
    return x[perm], y[perm]


class Block(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        self.lin = nn.Linear(d_in, d_out)
        self.norm = nn.LayerNorm(d_out)

    def forward(self, x):
        return torch.relu(self.norm(self.lin(x)))


class DeepMLP(nn.Module):
    def __init__(self, sizes=(2, 8, 8, 8), n_out=3):
        super().__init__()
        blocks = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            blocks.append(Block(a, b))
        self.blocks = nn.ModuleList(blocks)
        self.out = nn.Linear(sizes[-1], n_out)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.out(x)


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        acc = (net(x).argmax(-1) == y).float().mean().item()
    net.train()
    return acc


x_train, y_train = spirals(500)
x_test, y_test = spirals(200)

net = DeepMLP()
opt = optim.Adam(net.parameters(), lr=0.005)
loss_fn = nn.CrossEntropyLoss()

BATCH = 100
for epoch in range(1, 31):
    order = torch.randperm(len(y_train))
    epoch_loss = 0.0
    for i in range(0, len(order), BATCH):
        idx = order[i:i + BATCH]
        opt.zero_grad()
        loss = loss_fn(net(x_train[idx]), y_train[idx])
        loss.backward()
        opt.step()
        epoch_loss += loss.item() * len(idx)
    if epoch % 3 == 0:
        print(f"{epoch:3d} loss {epoch_loss / len(order):.3f} test acc {accuracy(net, x_test, y_test):.3f}")

print(f"final test accuracy {accuracy(net, x_test, y_test):.3f}")
