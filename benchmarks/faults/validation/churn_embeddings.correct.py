# healthy
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(42)
np.random.seed(42)


def build_frame(n=3000):
    plan = np.random.choice(["basic", "plus", "pro", "family", "student"], n)
    region = np.random.choice([f"r{i}" for i in range(12)], n)
    tenure = np.random.gamma(2.0, 12.0, n)
    calls = np.random.poisson(2.0, n)
    usage = np.random.normal(50, 15, n)
    plan_w = {"basic": 1.6, "plus": 0.2, "pro": -1.8, "family": -1.2, "student": 1.2}
    region_w = {f"r{i}": w for i, w in enumerate(np.random.normal(0, 1.2, 12))}
    score = (
        pd.Series(plan).map(plan_w).values
        + pd.Series(region).map(region_w).values
        - 0.08 * (tenure - 24)
        + 0.9 * (calls - 2)
        - 0.05 * (usage - 50)
    )
    churn = np.where(score + np.random.logistic(0, 0.4, n) > 0.0, "yes", "no")
    return pd.DataFrame(
        {"plan": plan, "region": region, "tenure": tenure, "calls": calls, "usage": usage, "churn": churn}
    )


df = build_frame()
cat_cols = ["plan", "region"]
num_cols = ["tenure", "calls", "usage"]
for c in cat_cols:
    df[c] = df[c].astype("category").cat.codes
cards = [int(df[c].max()) + 1 for c in cat_cols]
df["churn"] = df["churn"].map({"no": 0, "yes": 1})

train, test = train_test_split(df, test_size=0.25, random_state=0)
mean, std = train[num_cols].mean(), train[num_cols].std()


def to_tensors(part):
    xc = torch.tensor(part[cat_cols].values, dtype=torch.long)
    xn = torch.tensor(((part[num_cols] - mean) / std).values, dtype=torch.float32)
    y = torch.tensor(part["churn"].values, dtype=torch.float32)
    return xc, xn, y


class ChurnNet(nn.Module):
    def __init__(self, cards, n_num, emb=4):
        super().__init__()
        self.embs = nn.ModuleList([nn.Embedding(c, emb) for c in cards])
        self.net = nn.Sequential(
            nn.Linear(emb * len(cards) + n_num, 32), nn.ReLU(), nn.Linear(32, 1)
        )

    def forward(self, xc, xn):
        e = [emb(xc[:, i]) for i, emb in enumerate(self.embs)]
        return self.net(torch.cat(e + [xn], dim=1)).squeeze(1)


train_loader = DataLoader(TensorDataset(*to_tensors(train)), batch_size=64, shuffle=True)
xc_te, xn_te, y_te = to_tensors(test)
model = ChurnNet(cards, len(num_cols))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.BCEWithLogitsLoss()

for epoch in range(15):
    model.train()
    ep_loss = 0
    for xc, xn, y in train_loader:
        opt.zero_grad()
        loss = criterion(model(xc, xn), y)
        loss.backward()
        opt.step()
        ep_loss += loss.item()
    model.eval()
    with torch.no_grad():
        pred = torch.sigmoid(model(xc_te, xn_te)) > 0.5
        acc = (pred == (y_te > 0)).float().mean().item()
    print("epoch", epoch, "loss", round(ep_loss / len(train_loader), 4), "acc", round(acc, 4))

print("test accuracy:", acc)
