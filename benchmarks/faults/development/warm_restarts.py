# healthy
"""SGD with cosine warm restarts: the loss goes up at every restart."""
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts
from sklearn.datasets import load_digits

torch.manual_seed(12)
d = load_digits()
X = torch.tensor((d.data - d.data.mean()) / d.data.std()).float()
y = torch.tensor(d.target)
p = torch.randperm(len(y))
tr, va = p[:1400], p[1400:]
net = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.15, momentum=0.9, nesterov=True, weight_decay=1e-3)
sched = CosineAnnealingWarmRestarts(opt, T_0=6, T_mult=1, eta_min=1e-4)
iters = 1400 // 35
for epoch in range(24):
    net.train()
    tot = 0.0
    for k, b in enumerate(tr[torch.randperm(1400)].split(35)):
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step(epoch + k / iters)
        tot += loss.item() / iters
    net.eval()
    with torch.no_grad():
        print('epoch %2d lr %.4f loss %.4f val acc %.3f' % (
            epoch, opt.param_groups[0]['lr'], tot, (net(X[va]).argmax(1) == y[va]).float().mean()))
