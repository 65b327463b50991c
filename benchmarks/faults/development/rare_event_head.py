# fault: LK303 or LK306 line 22, 28
"""Detector head for a rare event. As in RetinaNet the bias is started at the prior so that the
first steps are not swamped by the negatives."""
import math
import torch
import torch.nn as nn
from sklearn.datasets import make_moons
from sklearn.metrics import average_precision_score, f1_score

torch.manual_seed(6)
PRIOR = 0.01


class Head(nn.Module):
    def __init__(self, width=48):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Linear(2, width), nn.ReLU(),
            nn.Linear(width, width), nn.ReLU(),
        )
        self.cls = nn.Linear(width, 1)
        self.apply(self._init)

    @staticmethod
    def _init(m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight)
            nn.init.constant_(m.bias, -math.log((1 - PRIOR) / PRIOR))

    def forward(self, x):
        return self.cls(self.trunk(x)).squeeze(1)


X, y = make_moons(n_samples=6000, noise=0.12, random_state=6)
keep = (y == 0) | (torch.arange(6000).numpy() % 5 == 0)
X, y = X[keep], y[keep]
X = (X - X.mean(0)) / X.std(0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
n = int(0.75 * len(X))
print('events: %.1f%%' % (100 * y.mean()))

model = Head()
crit = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(25):
    acc_loss = 0.0
    for b in torch.randperm(n).split(64):
        opt.zero_grad()
        loss = crit(model(X[b]), y[b])
        loss.backward()
        opt.step()
        acc_loss += loss.item() * len(b)
    if epoch % 5 == 4:
        with torch.no_grad():
            s = model(X[n:])
        print('epoch %d loss %.4f AP %.3f F1 %.3f' % (
            epoch + 1, acc_loss / n, average_precision_score(y[n:], s), f1_score(y[n:], s > 0)))
