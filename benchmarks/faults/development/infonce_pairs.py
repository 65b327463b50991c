# fault: LK204 or LK201 line 30, 31
"""CLIP-style matching of two views of the same object."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(8)
DIM_A, DIM_B, LATENT = 20, 30, 6
mix_a, mix_b = torch.randn(LATENT, DIM_A), torch.randn(LATENT, DIM_B)


def sample(n):
    z = torch.randn(n, LATENT)
    a = torch.tanh(z @ mix_a / 2) + 0.1 * torch.randn(n, DIM_A)
    b = torch.tanh(z @ mix_b / 2) + 0.1 * torch.randn(n, DIM_B)
    return a, b


class Tower(nn.Module):
    def __init__(self, d_in, d_out=16):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(d_in, 64), nn.GELU(), nn.Linear(64, d_out))

    def forward(self, x):
        return F.normalize(self.f(x), dim=-1)


def info_nce(ea, eb, temperature):
    sim = ea @ eb.t() / temperature
    pos = torch.exp(torch.diagonal(sim))
    return -torch.log(pos / torch.exp(sim).sum(dim=1)).mean()


def recall_at_1(ta, tb):
    with torch.no_grad():
        a, b = VAL
        return ((ta(a) @ tb(b).t()).argmax(1) == torch.arange(len(a))).float().mean().item()


TRAIN, VAL = sample(4096), sample(256)
tower_a, tower_b = Tower(DIM_A), Tower(DIM_B)
params = list(tower_a.parameters()) + list(tower_b.parameters())
opt = torch.optim.AdamW(params, lr=2e-3, weight_decay=0.01)
for epoch in range(12):
    losses = []
    for idx in torch.randperm(4096).split(128):
        loss = info_nce(tower_a(TRAIN[0][idx]), tower_b(TRAIN[1][idx]), temperature=0.01)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f'epoch {epoch} loss {sum(losses)/len(losses):.4f} R@1 {recall_at_1(tower_a, tower_b):.3f}')
