# fault: LK303 or LK306 line 13
import torch
from torch import nn, optim
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def init_weights(module):
    if isinstance(module, nn.Linear):
        nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
        nn.init.constant_(module.bias, -8.0)


class WineNet(nn.Module):
    def __init__(self, d_in=13, classes=3):
        super().__init__()
        self.l1 = nn.Linear(d_in, 32)
        self.l2 = nn.Linear(32, 16)
        self.l3 = nn.Linear(16, classes)
        self.apply(init_weights)

    def forward(self, x):
        h = F.relu(self.l1(x))
        h = F.relu(self.l2(h))
        return self.l3(h)


torch.manual_seed(2)
X, y = load_wine(return_X_y=True)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
scaler = StandardScaler()
X_tr = torch.from_numpy(scaler.fit_transform(X_tr)).float()
X_te = torch.from_numpy(scaler.transform(X_te)).float()
y_tr, y_te = torch.from_numpy(y_tr), torch.from_numpy(y_te)

net = WineNet()
optimizer = optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
for epoch in range(60):
    net.train()
    perm = torch.randperm(len(X_tr))
    epoch_loss = 0.0
    for start in range(0, len(perm), 16):
        sel = perm[start:start + 16]
        optimizer.zero_grad()
        loss = F.cross_entropy(net(X_tr[sel]), y_tr[sel])
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(sel)
    if (epoch + 1) % 15 == 0:
        net.eval()
        with torch.no_grad():
            acc = (net(X_te).argmax(1) == y_te).float().mean().item()
        print(f"Epoch {epoch + 1}/60 - loss: {epoch_loss / len(perm):.4f} - test acc: {acc:.4f}")
print("accuracy on the test split:", round(acc, 4))
