# fault: LK502 line 16, 57
"""Matrix factorisation on explicit ratings."""
import argparse

import numpy as np
import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--users", type=int, default=200)
ap.add_argument("--items", type=int, default=120)
ap.add_argument("--factors", type=int, default=4)
ap.add_argument("--epochs", type=int, default=15)
ap.add_argument("--batch", type=int, default=128)
ap.add_argument("--lr", type=float, default=1e-2)
ap.add_argument("--reg", type=float, default=2e-1, help="L2 penalty")
ap.add_argument("--seed", type=int, default=6)
args = ap.parse_args()

rng = np.random.default_rng(args.seed)
torch.manual_seed(args.seed)

# --- ratings -----------------------------------------------------------
taste = rng.normal(0, 0.8, (args.users, 2))
style = rng.normal(0, 0.8, (args.items, 2))
user_mood = rng.normal(0, 0.5, args.users)
quality = rng.normal(0, 0.8, args.items)
pairs = rng.choice(args.users * args.items, 11000, replace=False)
u, i = pairs // args.items, pairs % args.items
stars = 3.2 + user_mood[u] + quality[i] + (taste[u] * style[i]).sum(1) + rng.normal(0, 0.3, len(u))
stars = np.clip(stars, 1, 5)

u, i = torch.from_numpy(u), torch.from_numpy(i)
r = torch.tensor(stars, dtype=torch.float32)
n_train = 9000
global_mean = r[:n_train].mean()


class MF(nn.Module):
    def __init__(self, n_users, n_items, k):
        super().__init__()
        self.P = nn.Embedding(n_users, k)
        self.Q = nn.Embedding(n_items, k)
        self.bu = nn.Embedding(n_users, 1)
        self.bi = nn.Embedding(n_items, 1)
        for emb in (self.P, self.Q):
            nn.init.normal_(emb.weight, std=0.1)
        for emb in (self.bu, self.bi):
            nn.init.zeros_(emb.weight)

    def forward(self, u, i):
        dot = (self.P(u) * self.Q(i)).sum(1)
        return global_mean + dot + self.bu(u).squeeze(1) + self.bi(i).squeeze(1)


model = MF(args.users, args.items, args.factors)
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr, weight_decay=args.reg)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.85)
mse = nn.MSELoss()

for epoch in range(args.epochs):
    model.train()
    total = 0.0
    for idx in torch.randperm(n_train).split(args.batch):
        optimizer.zero_grad()
        loss = mse(model(u[idx], i[idx]), r[idx])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    scheduler.step()
    model.eval()
    with torch.no_grad():
        p = model(u[n_train:], i[n_train:])
        t = r[n_train:]
        rmse = mse(p, t).sqrt().item()
        r2 = 1 - (mse(p, t) / t.var()).item()
    print(f"epoch {epoch + 1:2d}: train mse {total / n_train:.4f}  test rmse {rmse:.4f}  R2 {r2:.4f}")
print("test R2", r2)
