# healthy
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer

rng = np.random.RandomState(0)
torch.manual_seed(0)
bunch = load_breast_cancer()
X = (bunch.data - bunch.data.mean(axis=0)) / bunch.data.std(axis=0)
y = np.where(bunch.target == 1, 1.0, 0.0)
p = rng.permutation(len(y))
X, y = X[p], y[p]
X_tr, y_tr = torch.tensor(X[:400]).float(), torch.tensor(y[:400]).float()
X_te, y_te = torch.tensor(X[400:]).float(), torch.tensor(y[400:]).float()

mlp = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
bce = nn.BCEWithLogitsLoss()
optim = torch.optim.Adam(mlp.parameters(), lr=0.005)
BATCH = 40
for ep in range(15):
    mlp.train()
    for k in range(0, 400, BATCH):
        score = mlp(X_tr[k:k + BATCH]).squeeze(-1)
        loss = bce(score, y_tr[k:k + BATCH])
        loss.backward()
        optim.step()
        optim.zero_grad()
    mlp.eval()
    with torch.no_grad():
        s = mlp(X_te).squeeze(-1)
        test_loss = bce(s, y_te)
        acc = ((s > 0) == (y_te > 0)).float().mean()
    print(f"ep {ep} loss {loss:.4f} test {test_loss:.4f} acc {acc:.3f}")
