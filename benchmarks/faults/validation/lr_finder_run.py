# healthy
# LR range test first (throw-away pass), then the real run with the picked rate and OneCycle.
import copy
import math

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def loaders():
    d = load_digits()
    a, b, ya, yb = train_test_split(d.data / 16.0 - 0.3, d.target, test_size=0.25, random_state=3, stratify=d.target)
    t = lambda x, y: TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(y))
    return DataLoader(t(a, ya), batch_size=64, shuffle=True), DataLoader(t(b, yb), batch_size=256)


def build():
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 10))


def range_test(model, loader, crit, lo=1e-5, hi=10.0, steps=80):
    state = copy.deepcopy(model.state_dict())
    opt = torch.optim.SGD(model.parameters(), lr=lo, momentum=0.9)
    mult = (hi / lo) ** (1 / (steps - 1))
    lr, best, smooth, rates, curve = lo, math.inf, 0.0, [], []
    it = iter(loader)
    model.train()
    for k in range(steps):
        try:
            xb, yb = next(it)
        except StopIteration:
            it = iter(loader)
            xb, yb = next(it)
        for g in opt.param_groups:
            g["lr"] = lr
        opt.zero_grad()
        loss = crit(model(xb), yb)
        loss.backward()
        opt.step()
        smooth = 0.9 * smooth + 0.1 * loss.item()
        avg = smooth / (1 - 0.9 ** (k + 1))
        rates.append(lr)
        curve.append(avg)
        best = min(best, avg)
        if avg > 4 * best:
            break
        lr *= mult
    model.load_state_dict(state)
    pick = rates[min(range(len(curve)), key=curve.__getitem__)] / 5
    print(f"range test stopped at lr={rates[-1]:.3g} (loss {curve[-1]:.2f}), suggestion {pick:.3g}")
    return pick


def evaluate(model, loader):
    model.eval()
    n = ok = 0
    with torch.no_grad():
        for xb, yb in loader:
            ok += (model(xb).argmax(1) == yb).sum().item()
            n += len(yb)
    return ok / n


torch.manual_seed(3)
train_dl, test_dl = loaders()
model, crit = build(), nn.CrossEntropyLoss()
max_lr = range_test(model, train_dl, crit)

EPOCHS = 20
opt = torch.optim.SGD(model.parameters(), lr=max_lr, momentum=0.9, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=max_lr, total_steps=EPOCHS * len(train_dl))
for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for xb, yb in train_dl:
        opt.zero_grad()
        loss = crit(model(xb), yb)
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1} loss {total / len(train_dl):.4f} acc {evaluate(model, test_dl):.4f}")
print(f"METRIC accuracy {evaluate(model, test_dl):.4f}")
