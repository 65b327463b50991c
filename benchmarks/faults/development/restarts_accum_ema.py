# healthy
import copy
import torch
import torch.nn as nn
from sklearn.datasets import make_moons

torch.manual_seed(19)
X, y = make_moons(1600, noise=0.2, random_state=19)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
Xt, yt, Xv, yv = X[:1200], y[:1200], X[1200:], y[1200:]

net = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 2))
ema = copy.deepcopy(net).requires_grad_(False)
opt = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9)
ACCUM, EPOCHS, MICRO = 4, 28, 10
updates = len(Xt) // (ACCUM * MICRO)
sched = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=4 * updates, T_mult=2, eta_min=2e-3)
lossf = nn.CrossEntropyLoss(label_smoothing=0.05)

for epoch in range(EPOCHS):
    net.train()
    seen = 0.0
    for i, idx in enumerate(torch.randperm(len(Xt)).split(MICRO)):
        loss = lossf(net(Xt[idx]), yt[idx]) / ACCUM
        loss.backward()
        seen += loss.item() * ACCUM
        if (i + 1) % ACCUM == 0:
            opt.step()
            opt.zero_grad()
            sched.step()
            with torch.no_grad():
                for e, p in zip(ema.parameters(), net.parameters()):
                    e.lerp_(p, 0.03)
    ema.eval()
    with torch.no_grad():
        acc = (ema(Xv).argmax(1) == yv).float().mean().item()
    if epoch % 3 == 0 or epoch == EPOCHS - 1:
        print(f"{epoch:2d} lr {sched.get_last_lr()[0]:.4f} loss {seen / (i + 1):.4f} ema acc {acc:.4f}")
