# healthy
"""Online learning: two rows at a time, small constant rate."""
import torch
from torch import nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(3)
X, y = load_breast_cancer(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, random_state=3, stratify=y)
sc = StandardScaler().fit(Xa)
Xa, Xb = torch.tensor(sc.transform(Xa)).float(), torch.tensor(sc.transform(Xb)).float()
ya, yb = torch.tensor(ya).float(), torch.tensor(yb).float()
net = nn.Sequential(nn.Linear(30, 12), nn.Tanh(), nn.Linear(12, 1), nn.Flatten(0))
opt = torch.optim.SGD(net.parameters(), lr=0.004, weight_decay=1e-3)
lossf = nn.BCEWithLogitsLoss()
for ep in range(12):
    run = 0.0
    for pair in torch.randperm(len(Xa)).split(2):
        loss = lossf(net(Xa[pair]), ya[pair])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(pair)
    with torch.no_grad():
        acc = ((net(Xb) > 0).float() == yb).float().mean()
    print('pass %d  loss %.4f  held-out accuracy %.3f' % (ep + 1, run / len(Xa), acc))
