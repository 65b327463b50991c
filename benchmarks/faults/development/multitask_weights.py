# healthy
import torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

# one trunk, three heads; the weights balance the scale of the losses
torch.manual_seed(11)
d = load_digits()
X = torch.tensor(d.data, dtype=torch.float32) / 16
y = torch.tensor(d.target)
ink = X.mean(1, keepdim=True)
ink = (ink - ink.mean()) / ink.std()
even = (y % 2 == 0).float().unsqueeze(1)
i = torch.randperm(len(y))
tr, te = i[:1400], i[1400:]
W_DIGIT, W_INK, W_EVEN = 1.0, 0.4, 0.3


class Multi(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Dropout(0.1))
        self.heads = nn.ModuleDict({'digit': nn.Linear(96, 10), 'ink': nn.Linear(96, 1), 'even': nn.Linear(96, 1)})

    def forward(self, x):
        h = self.trunk(x)
        return {k: m(h) for k, m in self.heads.items()}


m = Multi()
opt = torch.optim.Adam(m.parameters(), lr=4e-3)
for epoch in range(28):
    m.train()
    for b in tr[torch.randperm(len(tr))].split(40):
        o = m(X[b])
        parts = (W_DIGIT * F.cross_entropy(o['digit'], y[b]), W_INK * F.mse_loss(o['ink'], ink[b]),
                 W_EVEN * F.binary_cross_entropy_with_logits(o['even'], even[b]))
        loss = sum(parts)
        opt.zero_grad()
        loss.backward()
        opt.step()
    m.eval()
    with torch.no_grad():
        o = m(X[te])
        print(epoch, ['%.3f' % p.item() for p in parts],
              'digit acc %.3f' % (o['digit'].argmax(1) == y[te]).float().mean(),
              'even acc %.3f' % ((o['even'] > 0).float() == even[te]).float().mean(),
              'ink R2 %.3f' % (1 - F.mse_loss(o['ink'], ink[te]) / ink[te].var()))
