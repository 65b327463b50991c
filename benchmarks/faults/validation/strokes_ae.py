# healthy
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression


class AutoEncoder(nn.Module):
    """Pixels are grey levels in [0, 1]; BCE against them has a floor well above 0."""

    def __init__(self, code=12):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, code))
        self.decoder = nn.Sequential(nn.Linear(code, 48), nn.ReLU(), nn.Linear(48, 64), nn.Sigmoid())

    def forward(self, x):
        return self.decoder(self.encoder(x))


def batches(x, size, gen):
    for idx in torch.randperm(len(x), generator=gen).split(size):
        yield x[idx]


def main(args):
    torch.manual_seed(args.seed)
    gen = torch.Generator().manual_seed(args.seed)
    d = load_digits()
    x = torch.tensor(d.data / 16.0, dtype=torch.float32)
    order = torch.randperm(len(x), generator=gen)
    tr, te = order[:1400], order[1400:]
    x_tr, x_te = x[tr], x[te]

    model = AutoEncoder(args.code)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=args.epochs)
    floor = F.binary_cross_entropy(x_te, x_te).item()
    for epoch in range(1, args.epochs + 1):
        model.train()
        seen = 0.0
        for xb in batches(x_tr, args.batch, gen):
            noisy = (xb + 0.1 * torch.randn(xb.shape, generator=gen)).clamp(0, 1)
            loss = F.binary_cross_entropy(model(noisy), xb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            seen += loss.item() * len(xb)
        sched.step()
        if epoch % 5 == 0:
            model.eval()
            with torch.no_grad():
                v = F.binary_cross_entropy(model(x_te), x_te).item()
            print(f"epoch {epoch:3d}: train bce {seen / len(x_tr):.4f}  test bce {v:.4f}  floor {floor:.4f}")

    model.eval()
    with torch.no_grad():
        rec = model(x_te)
        code_tr, code_te = model.encoder(x_tr), model.encoder(x_te)
    r2 = 1 - F.mse_loss(rec, x_te) / F.mse_loss(x_tr.mean(0).expand_as(x_te), x_te)
    probe = LogisticRegression(max_iter=2000).fit(code_tr, d.target[tr])
    print(f"reconstruction R2: {r2.item():.4f}")
    print(f"probe accuracy on the code: {probe.score(code_te, d.target[te]):.4f}")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=80)
    ap.add_argument("--lr", type=float, default=4e-3)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--code", type=int, default=12)
    ap.add_argument("--seed", type=int, default=0)
    main(ap.parse_args())
