# healthy
"""Asking price of a flat from what the listing says about it."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

rng = np.random.default_rng(2024)
torch.manual_seed(2024)


def listings(n):
    area = rng.normal(75, 22, n).clip(20, 180)
    rooms = (area / 25 + rng.normal(0, 0.6, n)).round().clip(1, 7)
    floor = rng.integers(0, 12, n)
    age = rng.gamma(3.0, 12.0, n)
    centre = rng.exponential(4.0, n)
    price = (3900 * area + 9000 * rooms + 1500 * floor - 900 * age
             - 60000 * np.log1p(centre) + 140000 + rng.normal(0, 22000, n))
    return np.c_[area, rooms, floor, age, centre].astype("float32"), price.astype("float32")


class Listings(Dataset):
    def __init__(self, x, price, reference=None):
        ref = reference or self
        if reference is None:
            self.mean, self.std = x.mean(0), x.std(0)
            self.shift, self.unit = price.mean(), price.std()
        self.x = torch.from_numpy((x - ref.mean) / ref.std)
        self.y = torch.from_numpy((price - ref.shift) / ref.unit)
        self.price = price

    def __len__(self):
        return len(self.price)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class PriceModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.h1 = nn.Linear(5, 32)
        self.h2 = nn.Linear(32, 32)
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        x = torch.relu(self.h1(x))
        x = torch.relu(self.h2(x))
        return self.out(x).squeeze(-1)


def evaluate(model, ds, ref):
    model.eval()
    with torch.no_grad():
        guess = model(ds.x).numpy() * ref.unit + ref.shift
    mae = np.abs(guess - ds.price).mean()
    r2 = 1 - ((guess - ds.price) ** 2).sum() / ((ds.price - ds.price.mean()) ** 2).sum()
    return mae, r2


if __name__ == "__main__":
    train = Listings(*listings(1600))
    val = Listings(*listings(500), reference=train)
    loader = DataLoader(train, batch_size=64, shuffle=True)
    model = PriceModel()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    mse = nn.MSELoss()
    for epoch in range(40):
        model.train()
        for x, y in loader:
            opt.zero_grad()
            loss = mse(model(x), y)
            loss.backward()
            opt.step()
        if (epoch + 1) % 8 == 0:
            mae, r2 = evaluate(model, val, train)
            print(f"epoch {epoch + 1}: last batch loss {loss.item():.4g}  val MAE {mae:,.0f} EUR  R2 {r2:.3f}")
    print("val R2:", round(float(evaluate(model, val, train)[1]), 3))
