# healthy
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits

# wide layer with 70 % dropout: train metrics look worse than validation
torch.manual_seed(25)
d = load_digits()
X = torch.tensor(d.data).float() / 16 - 0.3
y = torch.tensor(d.target)
p = torch.randperm(len(y))
tl = DataLoader(TensorDataset(X[p[:1400]], y[p[:1400]]), 50, shuffle=True)
Xv, yv = X[p[1400:]], y[p[1400:]]


class Wide(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.drop = nn.Linear(64, 512), nn.Linear(512, 10), nn.Dropout(0.7)

    def forward(self, x):
        return self.b(self.drop(torch.relu(self.a(x))))


m = Wide()
opt = torch.optim.Adam(m.parameters(), lr=1e-3)
for ep in range(16):
    m.train()
    ok = ls = 0
    for xb, yb in tl:
        o = m(xb)
        loss = nn.functional.cross_entropy(o, yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        ok += (o.argmax(1) == yb).sum().item()
        ls += loss.item() * len(yb)
    m.eval()
    with torch.no_grad():
        o = m(Xv)
        print(f'{ep:2d} train {ls/1400:.3f} {ok/1400:.3f} | val {nn.functional.cross_entropy(o, yv):.3f} {(o.argmax(1) == yv).float().mean():.3f}')
