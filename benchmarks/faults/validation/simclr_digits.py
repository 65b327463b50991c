# healthy
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

torch.manual_seed(33)

X, y = load_digits(return_X_y=True)
X = (X / 16.0).astype(np.float32).reshape(-1, 1, 8, 8)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, random_state=33, stratify=y)
X_tr, X_te = torch.tensor(X_tr), torch.tensor(X_te)


def augment(x):
    n = len(x)
    out = F.pad(x, (1, 1, 1, 1))
    rows = torch.randint(0, 3, (n, 1, 1)) + torch.arange(8).view(1, 8, 1)
    cols = torch.randint(0, 3, (n, 1, 1)) + torch.arange(8).view(1, 1, 8)
    out = out[torch.arange(n).view(n, 1, 1), 0, rows, cols].unsqueeze(1)
    out = out * (0.7 + 0.6 * torch.rand(n, 1, 1, 1))
    out = out + 0.05 * torch.randn_like(out)
    drop = (torch.rand(n, 1, 8, 8) > 0.05).float()
    return out * drop


class SimCLR(nn.Module):
    def __init__(self, dim=64, proj=32):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(),
            nn.Linear(32 * 16, dim),
        )
        self.projector = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, proj))

    def forward(self, x):
        return F.normalize(self.projector(torch.relu(self.encoder(x))), dim=1)


def nt_xent(z1, z2, temperature=0.5):
    z = torch.cat([z1, z2])
    sim = z @ z.t() / temperature
    sim.fill_diagonal_(-1e9)
    n = len(z1)
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(0, n)])
    return F.cross_entropy(sim, labels)


def probe(model):
    model.eval()
    with torch.no_grad():
        a, b = torch.relu(model.encoder(X_tr)).numpy(), torch.relu(model.encoder(X_te)).numpy()
    mu, sd = a.mean(0), a.std(0) + 1e-6
    clf = LogisticRegression(max_iter=300).fit((a - mu) / sd, y_tr)
    return clf.score((b - mu) / sd, y_te)


model = SimCLR()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
BATCH = 128
for epoch in range(1, 36):
    model.train()
    losses = []
    perm = torch.randperm(len(X_tr))
    for i in range(0, len(perm) - BATCH + 1, BATCH):
        xb = X_tr[perm[i:i + BATCH]]
        loss = nt_xent(model(augment(xb)), model(augment(xb)))
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    if epoch % 5 == 0:
        print(f"epoch {epoch:2d} nt-xent {np.mean(losses):.3f}  linear probe acc {probe(model):.3f}")
