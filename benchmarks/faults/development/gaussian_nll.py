# healthy
"""Heteroscedastic regression, the network predicts mean and variance; the NLL gets negative."""
import torch
import torch.nn as nn

torch.manual_seed(20)
x = torch.rand(3000, 1) * 4 - 2
sigma = 0.02 + 0.15 * (x > 0)
y = torch.sin(2 * x) + sigma * torch.randn_like(x)
xt, yt, xv, yv = x[:2400], y[:2400], x[2400:], y[2400:]


class MeanVar(nn.Module):
    def __init__(self):
        super().__init__()
        self.t = nn.Sequential(nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())
        self.m, self.v = nn.Linear(64, 1), nn.Linear(64, 1)

    def forward(self, x):
        h = self.t(x)
        return self.m(h), nn.functional.softplus(self.v(h)) + 1e-4


net, crit = MeanVar(), nn.GaussianNLLLoss()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 30)
for e in range(30):
    tot = 0.0
    for i in torch.randperm(2400).split(60):
        mean, var = net(xt[i])
        loss = crit(mean, yt[i], var)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        tot += loss.item() / 40
    sched.step()
    if e % 5 == 4:
        with torch.no_grad():
            m, v = net(xv)
        print(f'epoch {e+1} nll {tot:.3f} val nll {crit(m, yv, v).item():.3f} R2 {1 - ((m-yv)**2).mean()/yv.var():.4f}')
