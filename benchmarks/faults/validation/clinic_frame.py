# fault: LK507 or LK201 line 24, 28, 29, 30, 31
"""Disease progression from a clinic export (csv with gaps)."""
import io

import numpy as np
import pandas as pd
import torch
from torch import nn, optim
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split


def read_export():
    """The export: csv text as the hospital system gives it."""
    data = load_diabetes(as_frame=True, scaled=False)
    frame = data.frame.rename(columns={"s1": "tc", "s2": "ldl", "s3": "hdl",
                                       "s4": "tch", "s5": "ltg", "s6": "glu"})
    rng = np.random.default_rng(4)
    for col, share in (("bp", 0.03), ("glu", 0.05), ("ltg", 0.02)):
        frame.loc[rng.random(len(frame)) < share, col] = np.nan
    buf = io.StringIO()
    frame.to_csv(buf, index=False)
    buf.seek(0)
    return pd.read_csv(buf)


def prepare(frame):
    train, test = train_test_split(frame, test_size=0.25, random_state=4)
    x_train, y_train = train.drop(columns="target"), train["target"]
    x_test, y_test = test.drop(columns="target"), test["target"]
    mean, std = x_train.mean(), x_train.std()
    x_train, x_test = (x_train - mean) / std, (x_test - mean) / std
    t = lambda a: torch.tensor(np.asarray(a), dtype=torch.float32)
    ym, ys = y_train.mean(), y_train.std()
    return t(x_train), t((y_train - ym) / ys), t(x_test), t((y_test - ym) / ys)


class Progression(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.a = nn.Linear(n, 16)
        self.b = nn.Linear(16, 1)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        return self.b(self.drop(torch.relu(self.a(x)))).squeeze(-1)


def fit(model, x, y, xv, yv, epochs=40, bs=32):
    opt = optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
    mse = nn.MSELoss()
    for ep in range(epochs):
        model.train()
        perm = torch.randperm(len(x))
        tot = 0.0
        for i in range(0, len(x), bs):
            j = perm[i:i + bs]
            opt.zero_grad()
            loss = mse(model(x[j]), y[j])
            loss.backward()
            opt.step()
            tot += loss.item() * len(j)
        if ep % 5 == 4:
            model.eval()
            with torch.no_grad():
                vl = mse(model(xv), yv).item()
            print(f"{ep + 1:3d}  train {tot / len(x):.4f}  valid {vl:.4f}")


torch.manual_seed(4)
x, y, xv, yv = prepare(read_export())
model = Progression(x.shape[1])
fit(model, x, y, xv, yv)
model.eval()
with torch.no_grad():
    p = model(xv)
r2 = 1 - ((p - yv) ** 2).sum() / ((yv - yv.mean()) ** 2).sum()
print(f"held-out R2: {r2.item():.4f}")
