# healthy
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(2)
X, y = make_classification(4000, 10, n_informative=7, n_redundant=0, weights=[0.94],
                           class_sep=1.6, flip_y=0, n_clusters_per_class=1, random_state=2)
Xa, Xb, ya, yb = train_test_split(X, y, stratify=y, test_size=0.3, random_state=2)
sc = StandardScaler().fit(Xa)
Xa, Xb = (torch.tensor(sc.transform(v), dtype=torch.float32) for v in (Xa, Xb))
ta = torch.tensor(ya, dtype=torch.float32)

weight = torch.tensor((ya == 0).sum() / (ya == 1).sum(), dtype=torch.float32)
net = nn.Sequential(nn.Linear(10, 24), nn.ReLU(), nn.Linear(24, 1))
bce = nn.BCEWithLogitsLoss(pos_weight=weight)
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-3)

for epoch in range(25):
    net.train()
    tot = 0.0
    for idx in torch.randperm(len(Xa)).split(100):
        opt.zero_grad()
        loss = bce(net(Xa[idx]).squeeze(-1), ta[idx])
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        s = net(Xb).squeeze(-1).numpy()
    if epoch % 4 == 0:
        print(epoch, round(tot / len(Xa), 4), "bal.acc", balanced_accuracy_score(yb, s > 0))
print("final bal.acc", balanced_accuracy_score(yb, s > 0), "auc", roc_auc_score(yb, s))
