# healthy
"""Metric learning on wine measurements: semi-hard triplets, unit-norm embeddings, 1-NN evaluation."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

MARGIN = 0.3


def mine(emb, y):
    """for each anchor: a random positive, and the nearest negative further than the positive (if any)."""
    d = torch.cdist(emb, emb)
    anchors, pos, neg = [], [], []
    for i in range(len(y)):
        same = torch.nonzero((y == y[i]) & (torch.arange(len(y)) != i)).flatten()
        other = torch.nonzero(y != y[i]).flatten()
        p = same[torch.randint(len(same), (1,))].item()
        further = other[d[i, other] > d[i, p]]
        pool = further if len(further) else other
        anchors.append(i), pos.append(p), neg.append(pool[d[i, pool].argmin()].item())
    return anchors, pos, neg


def train_fold(x, y, x_te, y_te):
    net = nn.Sequential(nn.Linear(x.shape[1], 24), nn.ReLU(), nn.Linear(24, 3))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(40):
        net.eval()
        with torch.no_grad():
            a, p, n = mine(F.normalize(net(x), dim=1), y)
        net.train()
        e = F.normalize(net(x), dim=1)
        loss = F.triplet_margin_loss(e[a], e[p], e[n], margin=MARGIN)
        opt.zero_grad()
        loss.backward()
        opt.step()
        if epoch % 10 == 9:
            print(f"   epoch {epoch + 1} triplet loss {loss.item():.4f}")
    with torch.no_grad():
        tr, te = F.normalize(net(x), dim=1).numpy(), F.normalize(net(x_te), dim=1).numpy()
    return KNeighborsClassifier(1).fit(tr, y.numpy()).score(te, y_te.numpy())


torch.manual_seed(2)
X, y = load_wine(return_X_y=True)
scores = []
for fold, (tr, te) in enumerate(StratifiedKFold(3, shuffle=True, random_state=2).split(X, y)):
    print("fold", fold)
    sc = StandardScaler().fit(X[tr])
    as_t = lambda a: torch.tensor(sc.transform(a), dtype=torch.float32)
    scores.append(train_fold(as_t(X[tr]), torch.tensor(y[tr]), as_t(X[te]), torch.tensor(y[te])))
    print(f"   1-NN accuracy {scores[-1]:.3f}")
print("mean accuracy", np.mean(scores))
