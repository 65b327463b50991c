# healthy
# Brick compressive strength from kiln settings (synthetic lab table)
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEED = 11
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)

n = 1800
df = pd.DataFrame({
    "peak_temp": rng.uniform(850, 1150, n),
    "soak_hours": rng.uniform(4, 24, n),
    "clay_pct": rng.uniform(40, 90, n),
    "moisture": rng.uniform(2, 14, n),
    "cooling": rng.uniform(10, 60, n),
})
df["strength"] = (
    22 + 9 * np.sin((df.peak_temp - 850) / 110) + 3 * np.sqrt(df.soak_hours)
    + 0.15 * df.clay_pct - 0.6 * df.moisture - 0.004 * (df.cooling - 30) ** 2
    + rng.normal(0, 1.0, n)
)


class BrickDataset(Dataset):
    def __init__(self, features, target):
        self.features = torch.as_tensor(features, dtype=torch.float32)
        self.target = torch.as_tensor(target, dtype=torch.float32)

    def __len__(self):
        return len(self.target)

    def __getitem__(self, i):
        return self.features[i], self.target[i]


feature_cols = [c for c in df.columns if c != "strength"]
tr, te = train_test_split(df, test_size=0.25, random_state=SEED)
xs = StandardScaler().fit(tr[feature_cols])
y_mean, y_std = tr.strength.mean(), tr.strength.std()

train_ds = BrickDataset(xs.transform(tr[feature_cols]), ((tr.strength - y_mean) / y_std).values)
test_ds = BrickDataset(xs.transform(te[feature_cols]), ((te.strength - y_mean) / y_std).values)
train_dl = DataLoader(train_ds, batch_size=45, shuffle=True)
test_dl = DataLoader(test_ds, batch_size=150)

model = nn.Sequential(
    nn.Linear(5, 48), nn.ReLU(),
    nn.Linear(48, 24), nn.ReLU(),
    nn.Linear(24, 1),
)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
mse = nn.MSELoss()

for epoch in range(30):
    model.train()
    total = 0.0
    for x, y in train_dl:
        optimizer.zero_grad()
        out = model(x)
        loss = mse(out.squeeze(1), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    if (epoch + 1) % 5 == 0:
        print(f"epoch {epoch + 1}: train mse {total / len(train_dl):.4f}")

model.eval()
preds, truth = [], []
with torch.no_grad():
    for x, y in test_dl:
        preds.append(model(x).flatten())
        truth.append(y)
preds = torch.cat(preds).numpy() * y_std + y_mean
truth = torch.cat(truth).numpy() * y_std + y_mean
print("test MAE (MPa):", float(np.abs(preds - truth).mean()))
print("test R2:", r2_score(truth, preds))
