# healthy
import copy

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts

torch.manual_seed(77)
x, y = load_digits(return_X_y=True)
x = torch.tensor(x, dtype=torch.float32) / 16 - 0.3
y = torch.tensor(y)
tr, va = train_test_split(torch.arange(len(x)), test_size=0.2, random_state=77, stratify=y)

model = nn.Sequential(nn.Linear(64, 128), nn.LayerNorm(128), nn.GELU(), nn.Linear(128, 64), nn.GELU(), nn.Linear(64, 10))
ema = copy.deepcopy(model).requires_grad_(False)
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
sched = CosineAnnealingWarmRestarts(opt, T_0=4, T_mult=2, eta_min=1e-3)
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)
beta = torch.distributions.Beta(0.4, 0.4)
ACCUMULATE = 2

for epoch in range(28):
    model.train()
    opt.zero_grad()
    chunks = tr[torch.randperm(len(tr))].split(32)
    chunks = chunks[: len(chunks) // ACCUMULATE * ACCUMULATE]
    for step, idx in enumerate(chunks, 1):
        lam, other = beta.sample(), idx[torch.randperm(len(idx))]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(lam * x[idx] + (1 - lam) * x[other])
        logits = logits.float()
        loss = lam * loss_fn(logits, y[idx]) + (1 - lam) * loss_fn(logits, y[other])
        (loss / ACCUMULATE).backward()
        if step % ACCUMULATE == 0:
            opt.step()
            opt.zero_grad()
            with torch.no_grad():
                for slow, fast in zip(ema.parameters(), model.parameters()):
                    slow.lerp_(fast, 0.05)
    rate = opt.param_groups[0]["lr"]
    sched.step()
    if epoch % 4 == 3:
        ema.eval()
        with torch.no_grad():
            acc = (ema(x[va]).argmax(1) == y[va]).float().mean()
        print(f"epoch {epoch} lr {rate:.4f} mixed loss {loss.item():.3f} EMA val accuracy {acc:.3f}")
