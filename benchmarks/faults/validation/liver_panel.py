# fault: LK107 line 34
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score

SEED = 21
np.random.seed(SEED)
torch.manual_seed(SEED)


def load_panel(n=2400):
    """Blood panel in the layout of the hospital export: Selector is 1 (no finding) or 2 (finding)."""
    age = np.random.uniform(20, 80, n)
    bili = np.random.lognormal(0.2, 0.6, n)
    alt = np.random.lognormal(3.4, 0.5, n)
    ast = alt * np.random.lognormal(0.0, 0.25, n)
    alb = np.random.normal(3.6, 0.6, n)
    score = 0.03 * (age - 50) + 1.6 * np.log(bili) + 1.4 * (np.log(alt) - 3.4) - 1.3 * (alb - 3.6) - 0.3
    selector = 1 + (score + np.random.normal(0, 0.5, n) > 0).astype(int)
    return pd.DataFrame(dict(Age=age, TB=np.log(bili), ALT=np.log(alt), AST=np.log(ast), ALB=alb,
                             Selector=selector))


df = load_panel()
features = ["Age", "TB", "ALT", "AST", "ALB"]
train, test = df.iloc[:1800], df.iloc[1800:]
mean, std = train[features].mean(), train[features].std()


def to_tensors(frame):
    x = torch.tensor(((frame[features] - mean) / std).values, dtype=torch.float32)
    y = torch.tensor(frame["Selector"].values, dtype=torch.float32)
    return x, y.view(-1, 1)


x_train, y_train = to_tensors(train)
x_test, y_test = to_tensors(test)
finding = (test["Selector"] == 2).values.astype(int)

model = nn.Sequential(nn.Linear(len(features), 24), nn.ReLU(), nn.Linear(24, 1))
bce = nn.BCEWithLogitsLoss()
optim = torch.optim.Adam(model.parameters(), lr=0.005)

batch = 60
for epoch in range(1, 21):
    perm = torch.randperm(len(x_train))
    total = 0.0
    for start in range(0, len(perm), batch):
        rows = perm[start:start + batch]
        optim.zero_grad()
        loss = bce(model(x_train[rows]), y_train[rows])
        loss.backward()
        optim.step()
        total += loss.item() * len(rows)
    with torch.no_grad():
        logits = model(x_test)
        val = bce(logits, y_test).item()
        guess = (torch.sigmoid(logits) > 0.5).int().numpy().ravel()
    if epoch % 2 == 0:
        print(f"epoch {epoch:3d} loss {total / len(perm):.4f} test loss {val:.4f} "
              f"balanced acc {balanced_accuracy_score(finding, guess):.3f}")
