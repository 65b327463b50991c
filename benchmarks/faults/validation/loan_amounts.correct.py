# healthy
import numpy as np
import pandas as pd
import torch
import torch.nn as nn

rng = np.random.default_rng(33)
torch.manual_seed(33)


def make_applications(n=1600):
    income = rng.lognormal(10.4, 0.5, n)
    prior_debt = np.where(rng.random(n) < 0.35, 0.0, rng.lognormal(8.0, 0.8, n))
    age = rng.integers(20, 70, n)
    owns_home = rng.random(n) < 0.45
    score = 1.3 * (np.log(income) - 10.4) - 0.12 * np.log1p(prior_debt) + 0.6 * owns_home + 0.015 * (age - 45)
    approved = (score + 0.4 + rng.logistic(0, 0.15, n) > 0).astype(int)
    return pd.DataFrame(
        dict(income=income, prior_debt=prior_debt, age=age, owns_home=owns_home.astype(int), approved=approved)
    )


def featurize(df):
    feats = pd.DataFrame(index=df.index)
    feats["log_income"] = np.log(df["income"])
    feats["log_debt"] = np.log1p(df["prior_debt"])
    feats["age"] = df["age"]
    feats["owns_home"] = df["owns_home"]
    return feats


df = make_applications()
train_df, test_df = df.iloc[:1200], df.iloc[1200:]
f_train, f_test = featurize(train_df), featurize(test_df)
mu, sd = f_train.mean(), f_train.std()
X_train = torch.tensor(((f_train - mu) / sd).values, dtype=torch.float32)
X_test = torch.tensor(((f_test - mu) / sd).values, dtype=torch.float32)
y_train = torch.tensor(train_df["approved"].values, dtype=torch.float32)
y_test = torch.tensor(test_df["approved"].values, dtype=torch.float32)
print("approval rate", train_df["approved"].mean())


class ApprovalNet(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n_in, 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU(), nn.Linear(12, 1))

    def forward(self, x):
        return self.layers(x).squeeze(1)


model = ApprovalNet(X_train.shape[1])
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)

batch_size = 60
for epoch in range(20):
    model.train()
    perm = torch.randperm(len(X_train))
    total_loss = 0.0
    for i in range(0, len(perm), batch_size):
        idx = perm[i:i + batch_size]
        optimizer.zero_grad()
        loss = criterion(model(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        pred = (model(X_test) > 0).float()
        acc = (pred == y_test).float().mean().item()
    print(f"Epoch {epoch}: loss {total_loss / len(perm):.4f}, test accuracy {acc:.4f}")
