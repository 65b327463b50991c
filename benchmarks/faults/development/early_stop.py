# healthy
"""Early stopping that does its job: best weights are restored."""
import copy
import torch
from torch import nn
from sklearn.datasets import load_diabetes

torch.manual_seed(24)
X, y = load_diabetes(return_X_y=True, scaled=True)
X, y = torch.tensor(X / X.std(0)).float(), torch.tensor((y - 152) / 77).float()
p = torch.randperm(len(y))
tr, va, te = p[:300], p[300:370], p[370:]
net = nn.Sequential(nn.Linear(10, 24), nn.ReLU(), nn.Dropout(0.1), nn.Linear(24, 1), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-3)
best, best_state, wait, PATIENCE = 1e9, None, 0, 25
for ep in range(400):
    net.train()
    for i in tr[torch.randperm(300)].split(25):
        loss = nn.functional.mse_loss(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        v = nn.functional.mse_loss(net(X[va]), y[va]).item()
    if v < best:
        best, best_state, wait = v, copy.deepcopy(net.state_dict()), 0
    else:
        wait += 1
    if ep % 20 == 0:
        print(f'epoch {ep} val mse {v:.4f}')
    if wait >= PATIENCE:
        print('stopped at epoch', ep)
        break
net.load_state_dict(best_state)
net.eval()
with torch.no_grad():
    print('best val %.4f  test R2 %.3f' % (best, 1 - nn.functional.mse_loss(net(X[te]), y[te]) / y[te].var()))
