"""A regression whose rate falls with the epoch."""
import torch
from sklearn.datasets import make_regression
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

torch.manual_seed(0)
X, y = make_regression(1000, 12, n_informative=6, noise=5.0, random_state=0)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y / y.std(), dtype=torch.float32).unsqueeze(1)

net = nn.Sequential(nn.Linear(12, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
schedule = LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
criterion = nn.MSELoss()

for epoch in range(20):
    for rows in torch.randperm(800).split(40):
        optimizer.zero_grad()
        criterion(net(X[rows]), y[rows]).backward()
        optimizer.step()
    schedule.step()

net.eval()
with torch.no_grad():
    print("squared error", criterion(net(X[800:]), y[800:]).item())
