# healthy
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

torch.manual_seed(9)


def init_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight)
        nn.init.zeros_(m.bias)


class DeepNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fcs = nn.ModuleList([nn.Linear(13, 64)] + [nn.Linear(64, 64) for _ in range(5)])
        self.head = nn.Linear(64, 3)

    def forward(self, x):
        for fc in self.fcs:
            x = F.relu(fc(x))
        return self.head(x)


wine = load_wine()
X = torch.tensor(StandardScaler().fit_transform(wine.data), dtype=torch.float32)
T = torch.tensor(wine.target)
perm = torch.randperm(len(T))
X, T = X[perm], T[perm]
X_train, T_train, X_dev, T_dev = X[:130], T[:130], X[130:], T[130:]

net = DeepNet()
net.apply(init_weights)
sgd = torch.optim.SGD(net.parameters(), lr=1e-2)
for epoch in range(25):
    net.train()
    for xb, tb in zip(X_train.split(13), T_train.split(13)):
        sgd.zero_grad()
        loss = F.cross_entropy(net(xb), tb)
        loss.backward()
        sgd.step()
    net.eval()
    with torch.no_grad():
        logits = net(X_dev)
        dev_loss = F.cross_entropy(logits, T_dev).item()
        dev_acc = (logits.argmax(1) == T_dev).float().mean().item()
    print(f"epoch {epoch:02d} train {loss.item():.4g} dev {dev_loss:.4g} acc {dev_acc:.2f}")
