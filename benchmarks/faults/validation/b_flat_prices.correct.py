# healthy
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


class PriceModel(nn.Module):
    def __init__(self, n_in, hidden=64, n_districts=15, emb=6):
        super().__init__()
        self.district = nn.Embedding(n_districts, emb)
        self.net = nn.Sequential(
            nn.Linear(n_in + emb, hidden), nn.ReLU(),
            nn.Linear(hidden, hidden // 2), nn.ReLU(),
            nn.Linear(hidden // 2, 1),
        )

    def forward(self, x, d):
        return self.net(torch.cat([x, self.district(d)], dim=1)).squeeze(-1)


def listings(n, rng):
    area = rng.normal(75, 22, n).clip(22, 180)
    rooms = np.clip(np.round(area / 24 + rng.normal(0, 0.6, n)), 1, 7)
    age = rng.uniform(0, 90, n)
    floor = rng.integers(0, 12, n)
    district = rng.integers(0, 15, n)
    base = rng.uniform(2500, 7500, 15)
    price = area * base[district] * (1 - 0.003 * age) + 9000 * rooms + 2500 * floor
    price = price * np.exp(rng.normal(0, 0.06, n))
    return pd.DataFrame(dict(area=area, rooms=rooms, age=age, floor=floor, district=district, price=price))


def main():
    torch.manual_seed(9)
    rng = np.random.default_rng(9)
    df = listings(2400, rng)
    train_df, test_df = df.iloc[:1900], df.iloc[1900:]
    feats = ["area", "rooms", "age", "floor"]
    mu, sd = train_df[feats].mean(), train_df[feats].std()
    y_mu, y_sd = train_df["price"].mean(), train_df["price"].std()

    def tensors(part):
        x = torch.tensor(((part[feats] - mu) / sd).values, dtype=torch.float32)
        d = torch.tensor(part["district"].values)
        y = torch.tensor(((part["price"] - y_mu) / y_sd).values, dtype=torch.float32)
        return x, d, y

    train_dl = DataLoader(TensorDataset(*tensors(train_df)), batch_size=64, shuffle=True)
    x_te, d_te, y_te = tensors(test_df)

    model = PriceModel(len(feats))
    optimizer = torch.optim.Adam(model.parameters(), lr=1.5e-3)
    criterion = nn.MSELoss()

    for epoch in range(28):
        model.train()
        batch_losses = []
        for x, d, y in train_dl:
            optimizer.zero_grad()
            loss = criterion(model(x, d), y)
            loss.backward()
            optimizer.step()
            batch_losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            pred = model(x_te, d_te)
            r2 = 1 - (criterion(pred, y_te) / y_te.var()).item()
        if (epoch + 1) % 4 == 0:
            print(f"epoch {epoch + 1}: loss {np.mean(batch_losses):.4g}  test R2 {r2:.3f}")
    print("test R2:", r2)


if __name__ == "__main__":
    main()
