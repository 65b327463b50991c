# healthy
import torch
import torch.nn as nn
import torch.nn.functional as F
from types import SimpleNamespace
from sklearn.datasets import load_digits

hp = SimpleNamespace(
    epochs=30,
    batch=50,
    lr=2e-3,
    l2=1e-4,
    dropout=0.1,
    hidden=(64, 32),
    seed=100,
)


class MLP(nn.Module):
    def __init__(self, hp):
        super().__init__()
        sizes = (64,) + hp.hidden
        self.hiddens = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.drop = nn.Dropout(hp.dropout)
        self.last = nn.Linear(sizes[-1], 10)

    def forward(self, x):
        for h in self.hiddens:
            x = self.drop(F.leaky_relu(h(x), 0.05))
        return self.last(x)


def data(seed):
    g = torch.Generator().manual_seed(seed)
    d = load_digits()
    x = torch.tensor(d.data, dtype=torch.float32)
    x = (x - x.mean()) / x.std()
    y = torch.tensor(d.target)
    p = torch.randperm(len(y), generator=g)
    return x[p[:1350]], y[p[:1350]], x[p[1350:]], y[p[1350:]]


def main():
    torch.manual_seed(hp.seed)
    xt, yt, xv, yv = data(hp.seed)
    net = MLP(hp)
    opt = torch.optim.Adam(net.parameters(), lr=hp.lr, weight_decay=hp.l2)
    for e in range(hp.epochs):
        net.train()
        run = 0.0
        for idx in torch.randperm(len(yt)).split(hp.batch):
            loss = F.cross_entropy(net(xt[idx]), yt[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run += loss.item()
        if e % 5 == 4:
            net.eval()
            with torch.no_grad():
                acc = (net(xv).argmax(1) == yv).float().mean()
            print(f"epoch {e + 1:2d}: train loss {run / 27:.4f} | val accuracy {acc:.4f}")
    return acc.item()


print("accuracy", round(main(), 4))
