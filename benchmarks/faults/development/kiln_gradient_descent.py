# fault: LK403 or LK406 line 27
"""Fit kiln energy use with full-batch gradient descent and a heavy-ball term."""
import math

import torch
from sklearn.datasets import make_regression
from sklearn.preprocessing import StandardScaler

torch.manual_seed(1)
X, y = make_regression(n_samples=900, n_features=12, n_informative=10, effective_rank=None,
                       noise=12.0, random_state=1)
mix = torch.randn(12, 12, generator=torch.Generator().manual_seed(2)).numpy() * 0.25
X = X + X @ mix
split = 650
sx = StandardScaler().fit(X[:split])
X = torch.tensor(sx.transform(X), dtype=torch.float32)
y = torch.tensor((y - y[:split].mean()) / y[:split].std(), dtype=torch.float32)
Xtr, ytr, Xte, yte = X[:split], y[:split], X[split:], y[split:]

hidden = 24
w1 = torch.nn.Parameter(torch.randn(12, hidden) / math.sqrt(12))
b1 = torch.nn.Parameter(torch.zeros(hidden))
w2 = torch.nn.Parameter(torch.randn(hidden) / math.sqrt(hidden))
b2 = torch.nn.Parameter(torch.zeros(()))
weights = [w1, b1, w2, b2]
step_size = 0.02
inertia = 0.998
velocity = [torch.zeros_like(w) for w in weights]


def kiln(x):
    return torch.tanh(x @ w1 + b1) @ w2 + b2


for it in range(400):
    loss = ((kiln(Xtr) - ytr) ** 2).mean()
    grads = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        for w, v, g in zip(weights, velocity, grads):
            v.mul_(inertia).sub_(step_size * g)
            w += v
    if it % 25 == 24:
        with torch.no_grad():
            err = ((kiln(Xte) - yte) ** 2).mean().item()
        print(f"iteration {it + 1:3d} train mse {loss.item():.4f} "
              f"test R2 {1 - err / yte.var(unbiased=False).item():.3f}")
