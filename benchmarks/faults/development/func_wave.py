# healthy
import torch
from torch.func import functional_call, grad_and_value

torch.manual_seed(40)
net = torch.nn.Sequential(torch.nn.Linear(1, 32), torch.nn.Tanh(), torch.nn.Linear(32, 32), torch.nn.Tanh(),
                          torch.nn.Linear(32, 1))
params = {k: v.detach().clone() for k, v in net.named_parameters()}
vel = {k: torch.zeros_like(v) for k, v in params.items()}

x = torch.rand(1500, 1) * 4 - 2
y = torch.sin(2 * x) + 0.3 * x + 0.05 * torch.randn_like(x)
xt, yt, xv, yv = x[:1200], y[:1200], x[1200:], y[1200:]


def objective(p, xb, yb):
    return (functional_call(net, p, (xb,)) - yb).square().mean()


step_fn = grad_and_value(objective)
lr, beta = 0.05, 0.9
for epoch in range(50):
    for idx in torch.randperm(len(xt)).split(60):
        g, loss = step_fn(params, xt[idx], yt[idx])
        for k in params:
            vel[k] = beta * vel[k] + g[k]
            params[k] = params[k] - lr * vel[k]
    if epoch == 35:
        lr *= 0.2
    if epoch % 7 == 0:
        mse = objective(params, xv, yv)
        print(f"epoch {epoch} loss {loss.item():.5f} val R2 {1 - (mse / yv.var()).item():.4f}")
