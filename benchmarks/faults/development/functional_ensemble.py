# healthy
"""Ensemble of 5 regressors trained at once with torch.func (no optimizer object)."""
import torch
from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap
from sklearn.datasets import make_friedman1

torch.manual_seed(18)
X, y = make_friedman1(1200, noise=0.6, random_state=18)
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor((y - y.mean()) / y.std()).float().unsqueeze(1)
Xt, yt, Xv, yv = X[:900], y[:900], X[900:], y[900:]


def make():
    return nn.Sequential(nn.Linear(10, 48), nn.Tanh(), nn.Linear(48, 1))


models = [make() for _ in range(5)]
params, buffers = stack_module_state(models)
params = {k: v.detach() for k, v in params.items()}
base = make().to('meta')


def loss_fn(p, b, x, t):
    return ((functional_call(base, (p, b), (x,)) - t) ** 2).mean()


def predict(p, b, x):
    return functional_call(base, (p, b), (x,))


velocity = {k: torch.zeros_like(v) for k, v in params.items()}
gfun = vmap(grad(loss_fn), in_dims=(0, 0, 0, 0), randomness='different')
for epoch in range(40):
    idx = torch.stack([torch.randperm(900) for _ in range(5)])
    for s in range(0, 900, 50):
        j = idx[:, s:s + 50]
        g = gfun(params, buffers, Xt[j], yt[j])
        for k in params:
            velocity[k] = 0.9 * velocity[k] + g[k]
            params[k] = params[k] - 0.03 * velocity[k]
    if epoch % 8 == 7:
        with torch.no_grad():
            mean = vmap(predict, in_dims=(0, 0, None))(params, buffers, Xv).mean(0)
        print('epoch', epoch + 1, 'ensemble R2 %.3f' % (1 - ((mean - yv) ** 2).mean() / yv.var()))
