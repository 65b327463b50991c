# healthy
# 120 digits only: a little overfitting, nothing wrong
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(14)
X, y = load_digits(return_X_y=True)
perm = torch.randperm(len(y))
X, y = torch.tensor(X / 16).float()[perm], torch.tensor(y)[perm]
Xt, yt, Xv, yv = X[:120], y[:120], X[120:620], y[120:620]
model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(40):
    model.train()
    for idx in torch.randperm(120).split(12):
        loss = F.cross_entropy(model(Xt[idx]), yt[idx])
        opt.zero_grad(); loss.backward(); opt.step()
    if epoch % 8 == 7:
        model.eval()
        with torch.no_grad():
            out = model(Xv)
            print(epoch, loss.item(), F.cross_entropy(out, yv).item(), (out.argmax(1) == yv).float().mean().item())
