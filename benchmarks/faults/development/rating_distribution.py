# fault: LK111 line 52
# Predict how a crowd of annotators votes (1..7 stars) for an item, from the item's features.
import argparse

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--lr", type=float, default=3e-3)
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--hidden", type=int, default=48)
parser.add_argument("--seed", type=int, default=4)
args = parser.parse_args()
torch.manual_seed(args.seed)
rng = np.random.default_rng(args.seed)

N, D, STARS = 1500, 12, 7
features = rng.normal(size=(N, D)).astype(np.float32)
quality = 4 + 1.2 * np.tanh(features[:, 0] + 0.5 * features[:, 1]) + 0.8 * features[:, 2] * 0.7
spread = 0.7 + 0.5 / (1 + np.exp(-2 * features[:, 3]))
votes = np.zeros((N, STARS), dtype=np.float32)
for i in range(N):
    stars = np.clip(np.round(rng.normal(quality[i], spread[i], size=60)), 1, STARS).astype(int)
    votes[i] = np.bincount(stars - 1, minlength=STARS)
dist = votes / votes.sum(1, keepdims=True)

X = torch.from_numpy(features)
P = torch.from_numpy(dist)
train, val = slice(0, 1200), slice(1200, N)

net = nn.Sequential(
    nn.Linear(D, args.hidden), nn.ReLU(), nn.Linear(args.hidden, args.hidden), nn.ReLU(), nn.Linear(args.hidden, STARS)
)
criterion = nn.KLDivLoss(reduction="batchmean")
opt = torch.optim.Adam(net.parameters(), lr=args.lr)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs, eta_min=1e-4)


def overlap(pred, true):
    """Histogram intersection, 1 when the two distributions agree."""
    return torch.minimum(pred, true).sum(1).mean().item()


for epoch in range(args.epochs):
    net.train()
    order = torch.randperm(1200)
    total = 0.0
    for idx in order.split(args.batch_size):
        out = F.softmax(net(X[train][idx]), dim=1)
        loss = criterion(out, P[train][idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    sched.step()
    if epoch % 10 == 9:
        net.eval()
        with torch.no_grad():
            prob = F.softmax(net(X[val]), dim=1)
            mean_err = ((prob - P[val]) @ torch.arange(1.0, STARS + 1)).abs().mean()
        print(f"epoch {epoch + 1} loss {total / 1200:.4f} overlap {overlap(prob, P[val]):.3f} star error {mean_err:.3f}")
