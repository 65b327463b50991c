# healthy
# rare defects (4 %): class weights + balanced metric
import torch, torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split

torch.manual_seed(22)
X, y = make_classification(6000, 12, n_informative=6, n_redundant=0, weights=[.96], class_sep=1.3, flip_y=0, random_state=22)
Xa, Xb, ya, yb = train_test_split(X, y, stratify=y, test_size=.3, random_state=22)
mu, sd = Xa.mean(0), Xa.std(0)
Xa, Xb = torch.tensor((Xa - mu) / sd).float(), torch.tensor((Xb - mu) / sd).float()
ya, yb = torch.tensor(ya), torch.tensor(yb)
count = ya.bincount().float()
crit = nn.CrossEntropyLoss(weight=count.sum() / (2 * count))
net = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 2))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
for ep in range(20):
    for i in torch.randperm(len(ya)).split(64):
        loss = crit(net(Xa[i]), ya[i])
        opt.zero_grad(); loss.backward(); opt.step()
    if ep % 4 == 3:
        with torch.no_grad():
            h = net(Xb).argmax(1)
            print(ep + 1, 'loss %.4f' % crit(net(Xa), ya), 'balanced accuracy %.3f' % balanced_accuracy_score(yb, h))
