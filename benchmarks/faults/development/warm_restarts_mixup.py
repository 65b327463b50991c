# healthy
"""Mixup + label smoothing + SGD with warm restarts; the training loss stays high on purpose."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(33)
d = load_digits()
x = torch.tensor(d.images / 16.0, dtype=torch.float32).unsqueeze(1)
x = (x - x.mean()) / x.std()
y = torch.tensor(d.target)
p = torch.randperm(len(y))
xt, yt, xv, yv = x[p[:1300]], y[p[:1300]], x[p[1300:]], y[p[1300:]]

model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
    nn.Flatten(), nn.Linear(128, 10),
)
EPOCHS, BATCH = 21, 65
steps = len(xt) // BATCH
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=3, T_mult=2, eta_min=1e-4)
beta = torch.distributions.Beta(0.4, 0.4)

for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for k, idx in enumerate(torch.randperm(len(xt)).split(BATCH)):
        lam = beta.sample().item()
        mate = idx[torch.randperm(len(idx))]
        out = model(lam * xt[idx] + (1 - lam) * xt[mate])
        loss = (lam * F.cross_entropy(out, yt[idx], label_smoothing=0.1)
                + (1 - lam) * F.cross_entropy(out, yt[mate], label_smoothing=0.1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step(epoch + k / steps)
        total += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1}: lr {scheduler.get_last_lr()[0]:.4f} loss {total / steps:.4f} val acc {acc:.4f}")
print("val accuracy", round(acc, 4))
