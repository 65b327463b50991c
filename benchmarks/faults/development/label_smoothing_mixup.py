# healthy
"""mixup + label smoothing: the training loss stays high on purpose."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

rng = np.random.default_rng(2)
torch.manual_seed(2)
D = load_digits()
X = torch.tensor(D.images, dtype=torch.float32)[:, None] / 8 - 1
Y = torch.tensor(D.target)
p = torch.randperm(len(Y))
tr, va = p[:1400], p[1400:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
                               nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        return self.c(x)


net = Net()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=4e-3, total_steps=12 * 28)
for epoch in range(12):
    net.train()
    s = 0.0
    for b in tr[torch.randperm(1400)].split(50):
        lam = float(rng.beta(0.4, 0.4))
        j = b[torch.randperm(len(b))]
        out = net(lam * X[b] + (1 - lam) * X[j])
        loss = lam * F.cross_entropy(out, Y[b], label_smoothing=0.1) + (1 - lam) * F.cross_entropy(out, Y[j], label_smoothing=0.1)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        s += loss.item() / 28
    net.eval()
    with torch.no_grad():
        print(f'epoch {epoch}: train {s:.3f}  val acc {(net(X[va]).argmax(1) == Y[va]).float().mean():.3f}')
