# healthy
# Contrastive pre-training (NT-Xent) on unlabeled digits, followed by a linear probe on the frozen encoder.
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(33)
digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 8.0 - 1.0
labels = torch.tensor(digits.target)
tr, te = train_test_split(torch.arange(len(labels)), test_size=0.25, random_state=0, stratify=digits.target)


def augment(x):
    dy, dx = torch.randint(-1, 2, (2,)).tolist()
    x = torch.roll(x, shifts=(dy, dx), dims=(2, 3))
    x = x + 0.15 * torch.randn_like(x)
    gain = 0.8 + 0.4 * torch.rand(x.size(0), 1, 1, 1)
    return x * gain


class Encoder(nn.Module):
    def __init__(self, dim=64):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(32 * 16, dim), nn.ReLU(),
        )
        self.project = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 32))

    def forward(self, x):
        h = self.net(x)
        return h, F.normalize(self.project(h), dim=1)


def nt_xent(a, b, temperature=0.3):
    z = torch.cat([a, b])
    sim = z @ z.T / temperature
    sim.fill_diagonal_(float("-inf"))
    n = len(a)
    positive = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, positive)


encoder = Encoder()
opt = torch.optim.Adam(encoder.parameters(), lr=1e-3)
for epoch in range(12):
    total = 0.0
    chunks = tr[torch.randperm(len(tr))].split(128)
    for idx in chunks:
        x = images[idx]
        loss = nt_xent(encoder(augment(x))[1], encoder(augment(x))[1])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 3 == 2:
        print(f"pretrain {epoch + 1:2d}  nt-xent {total / len(chunks):.4f}")

encoder.eval().requires_grad_(False)
feats = encoder(images)[0]
feats = (feats - feats[tr].mean(0)) / (feats[tr].std(0) + 1e-6)
probe = nn.Linear(feats.shape[1], 10)
opt = torch.optim.Adam(probe.parameters(), lr=1e-2, weight_decay=1e-4)
for epoch in range(25):
    for idx in tr[torch.randperm(len(tr))].split(64):
        loss = F.cross_entropy(probe(feats[idx]), labels[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            acc = (probe(feats[te]).argmax(1) == labels[te]).float().mean()
        print(f"probe {epoch + 1:2d}  loss {loss.item():.4f}  test accuracy {acc:.4f}")
