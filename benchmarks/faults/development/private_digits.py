# healthy
"""Differentially private SGD: per-sample gradients, clipped, summed, noised."""
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.func import functional_call, grad, vmap

torch.manual_seed(33)
CLIP, NOISE, LR, LOT = 1.0, 0.6, 0.5, 128

X, y = load_digits(return_X_y=True)
X = (X - 8.0) / 8.0
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=33)
X_train, X_test = (torch.tensor(a, dtype=torch.float32) for a in (X_train, X_test))
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

model = nn.Sequential(nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10))
params = {k: v.detach().clone() for k, v in model.named_parameters()}


def sample_loss(p, x, label):
    return nn.functional.cross_entropy(functional_call(model, p, (x.unsqueeze(0),)), label.unsqueeze(0))


per_sample = vmap(grad(sample_loss), in_dims=(None, 0, 0))

for step in range(300):
    lot = torch.randint(0, len(y_train), (LOT,))
    g = per_sample(params, X_train[lot], y_train[lot])
    norms = torch.sqrt(sum(v.flatten(1).pow(2).sum(1) for v in g.values()))
    factor = (CLIP / (norms + 1e-6)).clamp(max=1.0)
    for name, v in g.items():
        clipped = (v * factor.view(-1, *[1] * (v.dim() - 1))).sum(0)
        noisy = clipped + NOISE * CLIP * torch.randn_like(clipped)
        params[name] = params[name] - LR * noisy / LOT
    if step % 60 == 59:
        out = functional_call(model, params, (X_test,))
        train_out = functional_call(model, params, (X_train,))
        print(f"step {step + 1} train loss {nn.functional.cross_entropy(train_out, y_train).item():.3f} "
              f"test acc {(out.argmax(1) == y_test).float().mean().item():.3f}")
