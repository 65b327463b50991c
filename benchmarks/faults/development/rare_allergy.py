# fault: LK510 line 26
"""Allergy screening: rare positives are repeated so both groups weigh the same."""
import numpy as np
import torch
from sklearn.datasets import make_classification
from sklearn.metrics import roc_auc_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils import resample
from torch import nn

torch.manual_seed(9)
np.random.seed(9)
X, y = make_classification(1500, 25, n_informative=6, n_redundant=0, weights=[0.9],
                           class_sep=1.5, flip_y=0.02, random_state=9)


def balance(X, y):
    pos, neg = X[y == 1], X[y == 0]
    pos = resample(pos, replace=True, n_samples=len(neg), random_state=9)
    Xb = np.concatenate([pos, neg])
    yb = np.concatenate([np.ones(len(pos)), np.zeros(len(neg))])
    return Xb, yb


X, y = balance(X, y)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, stratify=y, random_state=9)
sc = StandardScaler().fit(X_train)
xt = torch.tensor(sc.transform(X_train), dtype=torch.float32)
xv = torch.tensor(sc.transform(X_val), dtype=torch.float32)
yt = torch.tensor(y_train, dtype=torch.float32)

clf = nn.Sequential(nn.Linear(25, 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1))
opt = torch.optim.Adam(clf.parameters(), lr=2e-3, weight_decay=1e-3)
crit = nn.BCEWithLogitsLoss()
for epoch in range(12):
    clf.train()
    for idx in torch.randperm(len(yt)).split(64):
        opt.zero_grad()
        loss = crit(clf(xt[idx]).squeeze(1), yt[idx])
        loss.backward()
        opt.step()
    clf.eval()
    with torch.no_grad():
        score = torch.sigmoid(clf(xv)).squeeze(1).numpy()
        val_loss = crit(clf(xv).squeeze(1), torch.tensor(y_val, dtype=torch.float32)).item()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1} loss {loss.item():.3f} val loss {val_loss:.3f} "
              f"AUC {roc_auc_score(y_val, score):.3f} recall {recall_score(y_val, score > 0.5):.3f}")
