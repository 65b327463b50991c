# healthy
import copy
import math

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(40)

X, y = load_digits(return_X_y=True)
X = ((X - 4.9) / 6.0).astype(np.float32)
xt, xv, yt, yv = train_test_split(X, y, test_size=0.25, stratify=y, random_state=40)
train_dl = DataLoader(TensorDataset(torch.tensor(xt), torch.tensor(yt)), batch_size=32,
                      shuffle=True, drop_last=True)
xv, yv = torch.tensor(xv), torch.tensor(yv)

net = nn.Sequential(
    nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.1),
    nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(),
    nn.Linear(32, 10),
)
criterion = nn.CrossEntropyLoss()


def find_lr(model, loader, lo=1e-5, hi=10.0, steps=90):
    """Raise the rate geometrically on a throw-away copy; stop when the loss blows up."""
    model = copy.deepcopy(model)
    model.train()
    opt = torch.optim.SGD(model.parameters(), lr=lo, momentum=0.9)
    mult = (hi / lo) ** (1 / steps)
    lrs, losses, avg, best = [], [], 0.0, math.inf
    it = iter(loader)
    for k in range(1, steps + 1):
        try:
            x, t = next(it)
        except StopIteration:
            it = iter(loader)
            x, t = next(it)
        loss = criterion(model(x), t)
        avg = 0.9 * avg + 0.1 * loss.item()
        smooth = avg / (1 - 0.9 ** k)
        if k > 10 and smooth > 4 * best:
            break
        best = min(best, smooth)
        lrs.append(opt.param_groups[0]["lr"])
        losses.append(smooth)
        opt.zero_grad()
        loss.backward()
        opt.step()
        opt.param_groups[0]["lr"] *= mult
    return lrs[int(np.argmin(losses))] / 10


max_lr = find_lr(net, train_dl)
print(f"chosen max_lr {max_lr:.4f}")

EPOCHS = 12
optimizer = torch.optim.SGD(net.parameters(), lr=max_lr / 25, momentum=0.9, weight_decay=1e-4)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=max_lr, epochs=EPOCHS,
                                                steps_per_epoch=len(train_dl), pct_start=0.3)
for epoch in range(EPOCHS):
    net.train()
    run = []
    for x, t in train_dl:
        optimizer.zero_grad()
        loss = criterion(net(x), t)
        loss.backward()
        optimizer.step()
        scheduler.step()
        run.append(loss.item())
    net.eval()
    with torch.no_grad():
        out = net(xv)
    print(f"epoch {epoch + 1:2d} lr {scheduler.get_last_lr()[0]:.5f} train {np.mean(run):.4f} "
          f"val {criterion(out, yv).item():.4f} acc {(out.argmax(1) == yv).float().mean().item():.3f}")
