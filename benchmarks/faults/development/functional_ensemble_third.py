# healthy
"""Five regressors trained at once with torch.func (no nn.Module state, no optimizer object)."""
import torch
from torch import nn
from torch.func import functional_call, grad_and_value, stack_module_state, vmap
from sklearn.datasets import make_friedman1

torch.manual_seed(44)
X, y = make_friedman1(n_samples=1500, n_features=8, noise=1.0, random_state=44)
X = torch.tensor((X - 0.5) * 3.4, dtype=torch.float32)
y = torch.tensor((y - y[:1100].mean()) / y[:1100].std(), dtype=torch.float32)
Xt, yt, Xv, yv = X[:1100], y[:1100], X[1100:], y[1100:]


def make():
    return nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 1))


members = [make() for _ in range(5)]
params, buffers = stack_module_state(members)
params = {k: v.detach().clone() for k, v in params.items()}
velocity = {k: torch.zeros_like(v) for k, v in params.items()}
skeleton = make().to("meta")


def predict(p, x):
    return functional_call(skeleton, (p, {}), (x,)).squeeze(-1)


def loss_of(p, x, t):
    return (predict(p, x) - t).square().mean()


step_all = vmap(grad_and_value(loss_of), in_dims=(0, 0, 0))
EPOCHS, BATCH, PEAK = 60, 55, 0.05
for epoch in range(EPOCHS):
    lr = PEAK * (1 - epoch / EPOCHS)
    order = torch.stack([torch.randperm(len(Xt)) for _ in range(5)])
    total = torch.zeros(5)
    for k in range(0, len(Xt), BATCH):
        idx = order[:, k:k + BATCH]
        grads, loss = step_all(params, Xt[idx], yt[idx])
        for name in params:
            velocity[name] = 0.9 * velocity[name] + grads[name]
            params[name] = params[name] - lr * velocity[name]
        total += loss
    if epoch % 12 == 11:
        mean = vmap(predict, in_dims=(0, None))(params, Xv).mean(0)
        r2 = 1 - (yv - mean).square().sum() / (yv - yv.mean()).square().sum()
        print(f"epoch {epoch + 1}: mse {[round(v, 3) for v in (total / (len(Xt) // BATCH)).tolist()]} ensemble R2 {r2:.4f}")
print("ensemble R2", round(r2.item(), 4))
