# healthy
import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split


def make_mlp(sizes, activation):
    mods = []
    for i in range(len(sizes) - 2):
        mods.append(nn.Linear(sizes[i], sizes[i + 1]))
        mods.append(activation())
    mods.append(nn.Linear(sizes[-2], sizes[-1]))
    return nn.Sequential(*mods)


torch.manual_seed(4)
X, y = load_digits(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.2, random_state=4, stratify=y)
ss = StandardScaler().fit(Xa)
Xa, Xb = [torch.tensor(ss.transform(v), dtype=torch.float32) for v in (Xa, Xb)]
ya, yb = torch.tensor(ya), torch.tensor(yb)

net = make_mlp([64, 50, 50, 50, 50, 50, 50, 50, 10], nn.ReLU)
print(net)
loss_fn = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.03, momentum=0.9)

n_epochs, bs = 30, 32
for epoch in range(n_epochs):
    perm = torch.randperm(len(Xa))
    total_loss = 0.0
    for k in range(0, len(Xa), bs):
        sel = perm[k:k + bs]
        optimizer.zero_grad()
        loss = loss_fn(net(Xa[sel]), ya[sel])
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(sel)
    if (epoch + 1) % 5 == 0:
        with torch.no_grad():
            acc = (net(Xb).argmax(dim=1) == yb).float().mean()
        print(f"epoch {epoch + 1:3d}/{n_epochs}  loss = {total_loss / len(Xa):.4f}  test accuracy = {acc:.4f}")
