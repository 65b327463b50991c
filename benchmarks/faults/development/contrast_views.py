# healthy
"""InfoNCE on two noisy views, then a linear probe on the frozen encoder."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(44)
d = load_digits()
X = torch.tensor((d.data - 4.88) / 6.02, dtype=torch.float32)
y = torch.tensor(d.target)
p = torch.randperm(len(X))
Xt, yt, Xv, yv = X[p[:1400]], y[p[:1400]], X[p[1400:]], y[p[1400:]]


def view(x):
    return (x + 0.25 * torch.randn_like(x)) * (torch.rand_like(x) > 0.2)


encoder = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 32))
projector = nn.Sequential(nn.ReLU(), nn.Linear(32, 16))
opt = torch.optim.Adam([*encoder.parameters(), *projector.parameters()], lr=2e-3)
for epoch in range(30):
    total = 0.0
    for i in torch.randperm(len(Xt)).split(140):
        a = F.normalize(projector(encoder(view(Xt[i]))), dim=1)
        b = F.normalize(projector(encoder(view(Xt[i]))), dim=1)
        sim = a @ b.T / 0.2
        t = torch.arange(len(i))
        loss = 0.5 * (F.cross_entropy(sim, t) + F.cross_entropy(sim.T, t))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 5 == 4:
        print(f"pretrain {epoch + 1}: {total / 10:.4f}")

encoder.requires_grad_(False).eval()
probe = nn.Sequential(nn.BatchNorm1d(32, affine=False), nn.Linear(32, 10))
opt = torch.optim.Adam(probe.parameters(), lr=1e-2)
for epoch in range(15):
    probe.train()
    for i in torch.randperm(len(Xt)).split(100):
        loss = F.cross_entropy(probe(encoder(Xt[i])), yt[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    probe.eval()
    with torch.no_grad():
        acc = (probe(encoder(Xv)).argmax(1) == yv).float().mean()
    if epoch % 3 == 2:
        print(f"probe {epoch + 1}: loss {loss.item():.4f} val acc {acc:.4f}")
