# healthy
"""Autoencoder with sigmoid output and MSE on [0, 1] images; anomaly AUC as a check."""
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

torch.manual_seed(32)
d = load_digits()
X = torch.tensor(d.data).float() / 16
y = torch.tensor(d.target)
normal = X[(y != 4)]
train, held = normal[:1300], normal[1300:]
odd = X[y == 4]
ae = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 12), nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 64), nn.Sigmoid())
opt = torch.optim.Adam(ae.parameters(), lr=5e-3)
for ep in range(40):
    for i in torch.randperm(1300).split(50):
        loss = nn.functional.mse_loss(ae(train[i]), train[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if ep % 5 == 4:
        with torch.no_grad():
            eh, eo = ((ae(held) - held) ** 2).mean(1), ((ae(odd) - odd) ** 2).mean(1)
        auc = roc_auc_score([0] * len(eh) + [1] * len(eo), torch.cat([eh, eo]))
        print(f'epoch {ep+1} train {loss.item():.4f} held-out mse {eh.mean():.4f} R2 {1 - eh.mean()/((held-train.mean(0))**2).mean():.3f} anomaly AUC {auc:.3f}')
