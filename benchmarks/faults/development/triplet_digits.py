# healthy
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

torch.manual_seed(14)
d = load_digits()
X = torch.tensor(d.data / 16.0, dtype=torch.float32)
y = torch.tensor(d.target)
perm = torch.randperm(len(X))
tr, va = perm[:1300], perm[1300:]
Xt, yt, Xv, yv = X[tr], y[tr], X[va], y[va]
members = [torch.nonzero(yt == c).flatten() for c in range(10)]


class Embed(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 8))

    def forward(self, x):
        return F.normalize(self.net(x), dim=1)


def pick(labels):
    return torch.stack([members[c][torch.randint(len(members[c]), (1,))[0]] for c in labels.tolist()])


net = Embed()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
crit = nn.TripletMarginLoss(margin=0.4)
for step in range(500):
    a = torch.randint(len(Xt), (48,))
    p = pick(yt[a])
    n = pick((yt[a] + torch.randint(1, 10, (48,))) % 10)
    loss = crit(net(Xt[a]), net(Xt[p]), net(Xt[n]))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 99:
        net.eval()
        with torch.no_grad():
            knn = KNeighborsClassifier(5).fit(net(Xt).numpy(), yt.numpy())
            print(step + 1, round(loss.item(), 4), "knn acc", knn.score(net(Xv).numpy(), yv.numpy()))
        net.train()
