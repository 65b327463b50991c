# healthy
"""Contrastive pre-training (NT-Xent on noisy views), then a linear probe on the frozen encoder."""
import torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(66)
d = load_digits()
x = torch.tensor(d.images / 16.0, dtype=torch.float32)
y = torch.tensor(d.target)
order = torch.randperm(len(y))
x, y = x[order], y[order]
xt, yt, xv, yv = x[:1300], y[:1300], x[1300:], y[1300:]


def view(img):
    shift = torch.randint(-1, 2, (2,)).tolist()
    img = torch.roll(img, shifts=shift, dims=(1, 2))
    keep = (torch.rand_like(img) > 0.15).float()
    return (img * keep + 0.1 * torch.randn_like(img)).flatten(1)


encoder = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64))
projector = nn.Sequential(nn.ReLU(), nn.Linear(64, 32))


def nt_xent(a, b, temperature=0.2):
    z = F.normalize(torch.cat([a, b]), dim=1)
    sim = z @ z.t() / temperature
    sim.fill_diagonal_(float("-inf"))
    n = len(a)
    target = torch.arange(2 * n).roll(n)
    return F.cross_entropy(sim, target)


opt = torch.optim.Adam([*encoder.parameters(), *projector.parameters()], lr=2e-3)
for epoch in range(30):
    total = 0.0
    batches = torch.randperm(len(xt)).split(130)
    for idx in batches:
        loss = nt_xent(projector(encoder(view(xt[idx]))), projector(encoder(view(xt[idx]))))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 6 == 5:
        print(f"pretrain epoch {epoch + 1}: loss {total / len(batches):.4f}")

encoder.requires_grad_(False).eval()
with torch.no_grad():
    ft, fv = encoder(xt.flatten(1)), encoder(xv.flatten(1))
    m, s = ft.mean(0), ft.std(0)
    ft, fv = (ft - m) / s, (fv - m) / s
probe = nn.Linear(64, 10)
popt = torch.optim.Adam(probe.parameters(), lr=1e-2, weight_decay=1e-4)
for epoch in range(30):
    for idx in torch.randperm(len(ft)).split(100):
        loss = F.cross_entropy(probe(ft[idx]), yt[idx])
        popt.zero_grad()
        loss.backward()
        popt.step()
    if epoch % 10 == 9:
        acc = (probe(fv).argmax(1) == yv).float().mean().item()
        print(f"probe epoch {epoch + 1}: loss {loss.item():.4f} val acc {acc:.4f}")
print("probe accuracy", round(acc, 4))
