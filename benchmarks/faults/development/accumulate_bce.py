# healthy
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(13)
X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=13)
lo, hi = X_train.min(0), X_train.max(0)
X_train, X_test = (torch.tensor((a - lo) / (hi - lo), dtype=torch.float32) for a in (X_train, X_test))
y_train, y_test = (torch.tensor(a, dtype=torch.float32).unsqueeze(1) for a in (y_train, y_test))

net = nn.Sequential(nn.Linear(30, 24), nn.ReLU(), nn.Linear(24, 1), nn.Sigmoid())
bce = nn.BCELoss()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
ACCUMULATE = 4
for epoch in range(15):
    net.train()
    for i, idx in enumerate(torch.randperm(len(X_train)).split(16)):
        loss = bce(net(X_train[idx]), y_train[idx]) / ACCUMULATE
        loss.backward()
        if (i + 1) % ACCUMULATE == 0:
            opt.step()
            opt.zero_grad()
    net.eval()
    with torch.no_grad():
        p = net(X_test)
        print(epoch, round(bce(p, y_test).item(), 4), ((p > 0.5) == (y_test > 0.5)).float().mean().item())
