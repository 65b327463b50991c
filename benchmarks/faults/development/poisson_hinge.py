# healthy
"""Two classic losses side by side: Poisson NLL for counts, hinge on -1/+1 labels (a linear SVM)."""
import torch
import torch.nn as nn

torch.manual_seed(35)
X = torch.randn(4000, 6)
rate = torch.exp(0.5 + 0.6 * X[:, 0] - 0.4 * X[:, 1] * (X[:, 2] > 0))
counts = torch.poisson(rate)
sign = torch.sign(X @ torch.tensor([1.0, -2.0, 0.5, 0.0, 1.5, -0.5]) + 0.3 * torch.randn(4000))
tr, va = slice(0, 3200), slice(3200, None)

poisson_net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
svm = nn.Linear(6, 1)
nn.init.zeros_(svm.weight)
nn.init.zeros_(svm.bias)
po = torch.optim.Adam(poisson_net.parameters(), lr=1e-2)
so = torch.optim.SGD(svm.parameters(), lr=0.05, weight_decay=1e-3)
pnll = nn.PoissonNLLLoss(log_input=True)
for ep in range(21):
    for i in torch.randperm(3200).split(64):
        pl = pnll(poisson_net(X[tr][i]), counts[tr][i])
        po.zero_grad(); pl.backward(); po.step()
        hl = torch.relu(1 - sign[tr][i] * svm(X[tr][i]).squeeze(1)).mean()
        so.zero_grad(); hl.backward(); so.step()
    if ep % 3 == 2:
        with torch.no_grad():
            lam = poisson_net(X[va]).exp()
            rho = torch.corrcoef(torch.stack([lam, rate[va]]))[0, 1]
            acc = (torch.sign(svm(X[va]).squeeze(1)) == sign[va]).float().mean()
        print(f'epoch {ep+1} poisson {pl.item():.3f} corr with true rate {rho:.3f} | hinge {hl.item():.3f} val acc {acc:.3f}')
