# healthy
"""SimCLR-style contrastive pre-training followed by a nearest-neighbour probe."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(4)
d = load_digits()
X = torch.tensor(d.images, dtype=torch.float32)[:, None] / 16
Y = torch.tensor(d.target)
tr, te = slice(0, 1300), slice(1300, None)


def augment(x):
    pad = F.pad(x, (1, 1, 1, 1))
    views = torch.stack([pad[:, :, i:i + 8, j:j + 8] for i in range(3) for j in range(3)])
    x = views[torch.randint(0, 9, (len(x),)), torch.arange(len(x))]
    x = x * (0.7 + 0.6 * torch.rand(len(x), 1, 1, 1)) + 0.08 * torch.randn_like(x)
    return x


enc = nn.Sequential(nn.Conv2d(1, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(24, 48, 3, padding=1),
                    nn.ReLU(), nn.Flatten(), nn.Linear(48 * 16, 64))
proj = nn.Sequential(nn.ReLU(), nn.Linear(64, 32))
opt = torch.optim.AdamW([*enc.parameters(), *proj.parameters()], lr=3e-3, weight_decay=1e-3)


def nt_xent(a, b, tau=0.2):
    z = F.normalize(torch.cat([a, b]), dim=1)
    sim = z @ z.t() / tau
    sim.fill_diagonal_(float('-inf'))
    n = len(a)
    return F.cross_entropy(sim, torch.cat([torch.arange(n, 2 * n), torch.arange(n)]))


def probe():
    # queries are shifted by one pixel, the references are not
    with torch.no_grad():
        a, b = F.normalize(enc(X[tr]), dim=1), F.normalize(enc(F.pad(X[te], (0, 1, 0, 1))[:, :, 1:, 1:]), dim=1)
        return (Y[tr][(b @ a.t()).argmax(1)] == Y[te]).float().mean().item()


print('1-NN before', probe())
for ep in range(18):
    tot = 0.0
    for i in torch.randperm(1300).split(100):
        loss = nt_xent(proj(enc(augment(X[i]))), proj(enc(augment(X[i]))))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        tot += loss.item() / 13
    print(f'epoch {ep} nt-xent {tot:.3f} 1-NN {probe():.3f}')
