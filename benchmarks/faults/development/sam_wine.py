# healthy
"""Sharpness-aware minimisation: every update takes two backward passes."""
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class SAM:
    def __init__(self, params, base, rho=0.05):
        self.params, self.base, self.rho = list(params), base, rho

    @torch.no_grad()
    def climb(self):
        norm = torch.sqrt(sum((p.grad ** 2).sum() for p in self.params)) + 1e-12
        self.shift = [self.rho * p.grad / norm for p in self.params]
        for p, s in zip(self.params, self.shift):
            p.add_(s)
        self.base.zero_grad()

    @torch.no_grad()
    def descend(self):
        for p, s in zip(self.params, self.shift):
            p.sub_(s)
        self.base.step()
        self.base.zero_grad()


torch.manual_seed(27)
X, y = load_breast_cancer(return_X_y=True)
Xt, Xv, yt, yv = train_test_split(X, y, test_size=0.3, stratify=y, random_state=27)
sc = StandardScaler().fit(Xt)
Xt, Xv = (torch.tensor(sc.transform(a), dtype=torch.float32) for a in (Xt, Xv))
yt, yv = (torch.tensor(a, dtype=torch.float32) for a in (yt, yv))

net = nn.Sequential(nn.Linear(30, 32), nn.ELU(), nn.Dropout(0.2), nn.Linear(32, 1))
sam = SAM(net.parameters(), torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, weight_decay=1e-3))
bce = nn.BCEWithLogitsLoss()
for epoch in range(20):
    net.train()
    for idx in torch.randperm(len(yt)).split(32):
        bce(net(Xt[idx]).squeeze(1), yt[idx]).backward()
        sam.climb()
        loss = bce(net(Xt[idx]).squeeze(1), yt[idx])
        loss.backward()
        sam.descend()
    net.eval()
    with torch.no_grad():
        out = net(Xv).squeeze(1)
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1}: loss at the perturbed point {loss.item():.3f} val loss {bce(out, yv).item():.3f} "
              f"val acc {((out > 0) == yv.bool()).float().mean().item():.3f}")
