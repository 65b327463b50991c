# healthy
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split


def make_listings(n=2400, seed=21):
    r = np.random.default_rng(seed)
    df = pd.DataFrame({
        "sqm": r.normal(62, 20, n).clip(15, 180),
        "rooms": r.integers(1, 6, n),
        "floor": r.integers(0, 12, n),
        "age": r.uniform(0, 90, n),
        "dist_centre": r.gamma(2.0, 2.5, n),
        "balcony": r.integers(0, 2, n),
    })
    df["rent"] = (180 + 11.5 * df.sqm + 35 * df.rooms + 90 * df.balcony
                  - 40 * np.sqrt(df.dist_centre) * df.sqm / 60 - 1.2 * df.age
                  + r.normal(0, 70, n))
    return df


class Listings(Dataset):
    def __init__(self, df):
        feats = df.drop(columns="rent")
        self.x = torch.tensor(((feats - feats.mean()) / feats.std()).values, dtype=torch.float32)
        self.mu, self.sd = df.rent.mean(), df.rent.std()
        self.y = torch.tensor(((df.rent - self.mu) / self.sd).values, dtype=torch.float32)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Trainer:
    def __init__(self, model, train_set, val_set, lr=1e-3, batch_size=32):
        self.model = model
        self.train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=True)
        self.val_loader = DataLoader(val_set, batch_size=256)
        self.loss_fn = nn.MSELoss()
        self.optim = torch.optim.Adam(model.parameters(), lr=lr)

    def train_epoch(self):
        self.model.train()
        losses = []
        for x, y in self.train_loader:
            pred = self.model(x).squeeze(-1)
            loss = self.loss_fn(pred, y)
            self.optim.zero_grad()
            loss.backward()
            self.optim.step()
            losses.append(loss.item())
        return float(np.mean(losses))

    @torch.no_grad()
    def r2(self):
        self.model.eval()
        p = torch.cat([self.model(x).flatten() for x, _ in self.val_loader])
        t = torch.cat([y for _, y in self.val_loader])
        return 1 - ((p - t) ** 2).sum().item() / ((t - t.mean()) ** 2).sum().item()

    def fit(self, epochs):
        for e in range(epochs):
            loss = self.train_epoch()
            if (e + 1) % 3 == 0:
                print(f"epoch {e + 1}: train {loss:.4f}, val R2 {self.r2():.3f}")


if __name__ == "__main__":
    torch.manual_seed(0)
    ds = Listings(make_listings())
    n_val = len(ds) // 5
    tr, va = random_split(ds, [len(ds) - n_val, n_val])
    net = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))
    t = Trainer(net, tr, va)
    t.fit(18)
    print(f"METRIC r2 {t.r2():.4f}")
