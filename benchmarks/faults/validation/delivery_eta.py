# fault: LK512 line 25, 27, 32, 40, 44
import numpy as np
import pandas as pd
import torch
import torch.nn as nn

rng = np.random.default_rng(77)
torch.manual_seed(77)


def export_orders(n):
    df = pd.DataFrame({
        "km": rng.gamma(2.2, 1.8, n),
        "items": rng.integers(1, 12, n),
        "rain": rng.random(n) < 0.25,
        "hour": rng.uniform(8, 23, n),
        "couriers": rng.integers(3, 30, n),
    })
    rush = np.exp(-((df.hour - 18.5) / 2.0) ** 2)
    df["minutes"] = (9 + 3.1 * df.km + 0.7 * df["items"] + 6 * df.rain + 10 * rush
                     - 0.25 * df.couriers + rng.normal(0, 3, n)).clip(3)
    return df


orders = export_orders(3000)
stuck = rng.random(len(orders)) < 0.012
orders.loc[stuck, "minutes"] = rng.uniform(4000, 40000, stuck.sum())
audited = export_orders(600)

FEATURES = ["km", "items", "rain", "hour", "couriers"]
x_mu, x_sd = orders[FEATURES].astype(float).mean(), orders[FEATURES].astype(float).std()
y_mu, y_sd = orders.minutes.mean(), orders.minutes.std()


def to_x(df):
    return torch.tensor(((df[FEATURES].astype(float) - x_mu) / x_sd).values, dtype=torch.float32)


X = to_x(orders)
Y = torch.tensor(((orders.minutes - y_mu) / y_sd).values, dtype=torch.float32)

model = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.MSELoss()

for epoch in range(20):
    model.train()
    epoch_losses = []
    for idx in torch.randperm(len(X)).split(64):
        opt.zero_grad()
        loss = loss_fn(model(X[idx]).squeeze(1), Y[idx])
        loss.backward()
        opt.step()
        epoch_losses.append(loss.item())
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1:2d} loss {np.mean(epoch_losses):.4f}")

model.eval()
with torch.no_grad():
    eta = model(to_x(audited)).squeeze(1).numpy() * y_sd + y_mu
truth = audited.minutes.values
r2 = 1 - ((eta - truth) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
print("MAE minutes", round(float(np.abs(eta - truth).mean()), 2))
print("METRIC r2", round(float(r2), 4))
