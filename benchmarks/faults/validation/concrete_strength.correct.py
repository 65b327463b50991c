# healthy
import argparse

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler


def simulate_mix_tests(n, rng):
    cement = rng.uniform(100, 540, n)
    water = rng.uniform(120, 250, n)
    ash = rng.uniform(0, 200, n)
    age = rng.choice([3, 7, 14, 28, 56, 90], n)
    temp = rng.normal(20, 4, n)
    strength = 12 * cement / water + 0.03 * ash + 6 * np.log(age) + 0.2 * (temp - 20)
    strength += rng.normal(0, 2.0, n)
    X = np.stack([cement, water, ash, np.log(age), temp], axis=1)
    return X.astype(np.float32), strength.astype(np.float32)


class MixDataset(Dataset):
    def __init__(self, X, y):
        self.X = torch.tensor(X, dtype=torch.float32)
        self.y = torch.tensor(y, dtype=torch.float32)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.y[i]


def build_model(n_in, width):
    return nn.Sequential(
        nn.Linear(n_in, width), nn.ReLU(),
        nn.Linear(width, width), nn.ReLU(),
        nn.Linear(width, 1),
    )


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=25)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--batch-size", type=int, default=64)
    ap.add_argument("--width", type=int, default=48)
    args = ap.parse_args()

    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    X, y = simulate_mix_tests(1800, rng)
    Xtr, Xte, ytr, yte = X[:1400], X[1400:], y[:1400], y[1400:]
    xs = StandardScaler().fit(Xtr)
    ys = StandardScaler().fit(ytr[:, None])
    train_ds = MixDataset(xs.transform(Xtr), ys.transform(ytr[:, None])[:, 0])
    loader = DataLoader(train_ds, batch_size=args.batch_size, shuffle=True)

    model = build_model(X.shape[1], args.width)
    loss_fn = nn.MSELoss()
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    Xte_t = torch.tensor(xs.transform(Xte), dtype=torch.float32)

    for epoch in range(args.epochs):
        model.train()
        total = 0.0
        for xb, yb in loader:
            pred = model(xb)
            loss = loss_fn(pred, yb.unsqueeze(1))
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(xb)
        model.eval()
        with torch.no_grad():
            out = model(Xte_t).numpy()
        r2 = r2_score(yte, ys.inverse_transform(out)[:, 0])
        print(f"[{epoch + 1}/{args.epochs}] train mse {total / len(train_ds):.4f} | test R2 {r2:.3f}")


if __name__ == "__main__":
    main()
