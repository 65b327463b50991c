# healthy
"""Wide & deep: SGD for the linear part, Adam for the deep part, alternating freeze-free."""
import torch
from torch import nn
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler

torch.manual_seed(28)
X, y = make_classification(5000, 20, n_informative=8, n_clusters_per_class=3, class_sep=1.5, flip_y=0.01, random_state=28)
X = torch.tensor(StandardScaler().fit_transform(X)).float()
y = torch.tensor(y).float()


class WideDeep(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(20, 1)
        self.deep = nn.Sequential(nn.Linear(20, 48), nn.ReLU(), nn.Dropout(.1), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, x):
        return (self.wide(x) + self.deep(x)).squeeze(1)


m = WideDeep()
opts = [torch.optim.SGD(m.wide.parameters(), lr=0.02), torch.optim.Adam(m.deep.parameters(), lr=2e-3, weight_decay=1e-4)]
crit = nn.BCEWithLogitsLoss()
for ep in range(12):
    m.train()
    for b in torch.randperm(4000).split(50):
        loss = crit(m(X[b]), y[b])
        for o in opts:
            o.zero_grad()
        loss.backward()
        for o in opts:
            o.step()
    m.eval()
    with torch.no_grad():
        out = m(X[4000:])
        print('epoch %d val loss %.4f acc %.3f' % (ep, crit(out, y[4000:]), ((out > 0).float() == y[4000:]).float().mean()))
