# fault: LK509 line 20, 22
"""Remaining life of compressors from their sensor summary."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_friedman1
from sklearn.metrics import r2_score


class WearNet(nn.Module):
    def __init__(self, n_in, width=128):
        super().__init__()
        self.inp = nn.Linear(n_in, width)
        self.mid = nn.Linear(width, width)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        x = torch.relu(self.inp(x))
        x = nn.Dropout(p=0.5)(x)
        x = torch.relu(self.mid(x))
        x = nn.Dropout(p=0.5)(x)
        return self.out(x).squeeze(-1)


def get_data():
    X, y = make_friedman1(n_samples=2400, n_features=8, noise=0.6, random_state=2)
    X = (X - 0.5) / 0.29
    y = (y - y[:1800].mean()) / y[:1800].std()
    X, y = X.astype(np.float32), y.astype(np.float32)
    return (torch.from_numpy(X[:1800]), torch.from_numpy(y[:1800]),
            torch.from_numpy(X[1800:]), torch.from_numpy(y[1800:]))


torch.manual_seed(6)
X_tr, y_tr, X_va, y_va = get_data()
net = WearNet(X_tr.shape[1])
loader = DataLoader(TensorDataset(X_tr, y_tr), batch_size=64, shuffle=True)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=40)

for epoch in range(40):
    net.train()
    for xb, yb in loader:
        loss = nn.functional.mse_loss(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    net.eval()
    with torch.no_grad():
        pred = net(X_va)
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: batch loss {loss.item():.4f}  val R2 {r2_score(y_va, pred):.4f}")
