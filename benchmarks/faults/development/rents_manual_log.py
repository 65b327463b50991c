# fault: LK512 line 22
"""Monthly rent from a hand-typed log; checked against a verified register."""
import numpy as np
import torch
from torch import nn

torch.manual_seed(14)


def make_rents(n, seed, typed_by_hand):
    r = np.random.default_rng(seed)
    x = r.normal(size=(n, 6))
    rent = 900 + 160 * x[:, 0] + 90 * x[:, 1] - 70 * x[:, 2] + 60 * np.tanh(2 * x[:, 3]) + 40 * x[:, 4] * x[:, 0]
    rent = rent + r.normal(0, 30, n)
    if typed_by_hand:
        cents = r.random(n) < 0.015
        rent[cents] *= 100
    return x, rent


def prepare_train(x, rent):
    mean, std = rent.mean(), rent.std()
    return (torch.tensor(x, dtype=torch.float32),
            torch.tensor((rent - mean) / std, dtype=torch.float32), mean, std)


class RentModel(nn.Module):
    def __init__(self, d=6, h=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d, h), nn.ELU(), nn.Linear(h, h), nn.ELU(), nn.Linear(h, 1))

    def forward(self, x):
        return self.net(x).flatten()


def verify(model, x, rent, mean, std):
    model.eval()
    with torch.no_grad():
        guess = model(torch.tensor(x, dtype=torch.float32)).numpy() * std + mean
    mae = np.abs(guess - rent).mean()
    return mae, 1 - ((guess - rent) ** 2).sum() / ((rent - rent.mean()) ** 2).sum()


def main(epochs=40, batch=32):
    x, y, mean, std = prepare_train(*make_rents(1500, 1, True))
    xv, rv = make_rents(400, 2, False)
    model = RentModel()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
    crit = nn.MSELoss()
    for epoch in range(1, epochs + 1):
        model.train()
        s = 0.0
        for idx in torch.randperm(len(x)).split(batch):
            opt.zero_grad()
            loss = crit(model(x[idx]), y[idx])
            loss.backward()
            opt.step()
            s += loss.item() * len(idx)
        if epoch % 8 == 0:
            mae, r2 = verify(model, xv, rv, mean, std)
            print(f"epoch {epoch}: train loss {s / len(x):.4f}, register MAE {mae:.1f}, R2 {r2:.3f}")
    print("R2 against the register:", round(float(r2), 3))


if __name__ == "__main__":
    main()
