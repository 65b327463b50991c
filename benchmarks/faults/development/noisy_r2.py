# healthy
"""Daily returns-like target: most of the variance is noise, R2 near 0.4 is all there is."""
import numpy as np
import torch
from torch import nn
from sklearn.metrics import r2_score

rng = np.random.default_rng(26)
torch.manual_seed(26)
X = rng.normal(size=(6000, 8)).astype(np.float32)
signal = 0.6 * X[:, 0] - 0.4 * X[:, 1] + 0.5 * np.tanh(2 * X[:, 2]) * X[:, 3]
y = (signal + rng.standard_t(5, 6000) * 0.72 * np.exp(0.3 * X[:, 4])).astype(np.float32)
Xt, yt, Xv, yv = map(torch.from_numpy, (X[:4800], y[:4800], X[4800:], y[4800:]))
net = nn.Sequential(nn.Linear(8, 32), nn.SiLU(), nn.Linear(32, 1), nn.Flatten(0))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
crit = nn.HuberLoss()
for ep in range(20):
    for i in torch.randperm(4800).split(100):
        loss = crit(net(Xt[i]), yt[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if ep % 4 == 3:
        with torch.no_grad():
            print(ep + 1, 'train R2 %.3f' % r2_score(yt, net(Xt)), 'val R2 %.3f' % r2_score(yv, net(Xv)),
                  'ceiling %.3f' % r2_score(y[4800:], signal[4800:]))
