# healthy
"""Ensemble of small networks trained in one vmap with torch.func, manual SGD with warm restarts, mixup."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from torch.func import functional_call, grad_and_value, stack_module_state, vmap

torch.manual_seed(19)
MEMBERS, BATCH, CYCLE, CYCLES, LR_MAX = 5, 16, 60, 4, 0.1

wine = load_wine()
xt, xv, yt, yv = train_test_split(wine.data, wine.target, test_size=0.3, random_state=5, stratify=wine.target)
mu, sd = xt.mean(0), xt.std(0)
xt, xv = (torch.tensor((a - mu) / sd, dtype=torch.float32) for a in (xt, xv))
yt, yv = torch.tensor(yt), torch.tensor(yv)


def member():
    return nn.Sequential(nn.Linear(13, 16), nn.Tanh(), nn.Linear(16, 3))


members = [member() for _ in range(MEMBERS)]
params, buffers = stack_module_state(members)
params = {k: v.detach().clone() for k, v in params.items()}
template = member().to("meta")


def forward(p, b, x):
    return functional_call(template, (p, b), (x,))


def objective(p, b, x, target):
    return F.cross_entropy(forward(p, b, x), target)


step_fn = vmap(grad_and_value(objective), in_dims=(0, 0, 0, 0))
velocity = {k: torch.zeros_like(v) for k, v in params.items()}

for step in range(CYCLE * CYCLES):
    lr = 0.5 * LR_MAX * (1 + math.cos(math.pi * (step % CYCLE) / CYCLE))
    idx = torch.randint(0, len(xt), (MEMBERS, BATCH))
    other = idx[:, torch.randperm(BATCH)]
    lam = torch.distributions.Beta(0.3, 0.3).sample((MEMBERS, BATCH, 1))
    x = lam * xt[idx] + (1 - lam) * xt[other]
    target = lam * F.one_hot(yt[idx], 3) + (1 - lam) * F.one_hot(yt[other], 3)
    grads, losses = step_fn(params, buffers, x, target)
    with torch.no_grad():
        for k in params:
            velocity[k] = 0.9 * velocity[k] + grads[k]
            params[k] = params[k] - lr * velocity[k]
    if (step + 1) % 30 == 0:
        with torch.no_grad():
            logits = vmap(forward, in_dims=(0, 0, None))(params, buffers, xv)
        each = (logits.argmax(-1) == yv).float().mean(1)
        joint = (logits.softmax(-1).mean(0).argmax(-1) == yv).float().mean()
        print(f"step {step + 1:4d}  lr {lr:.4f}  loss {losses.mean():.4f}  members {each.min():.3f}-{each.max():.3f}  ensemble accuracy {joint:.4f}")
