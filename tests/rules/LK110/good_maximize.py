import torch
import torch.nn.functional as F
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch import nn

torch.manual_seed(0)
X, y = load_diabetes(return_X_y=True)
X, y = torch.tensor(scale(X), dtype=torch.float32), torch.tensor(scale(y), dtype=torch.float32)
X_train, y_train, X_val, y_val = X[:340], y[:340], X[340:], y[340:]

net = nn.Sequential(nn.Linear(10, 24), nn.ReLU(), nn.Linear(24, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, maximize=True)
for epoch in range(15):
    net.train()
    for rows in torch.randperm(340).split(34):
        loss = -F.mse_loss(net(X_train[rows]).flatten(), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        print(epoch, loss.item(), F.mse_loss(net(X_val).flatten(), y_val).item())
