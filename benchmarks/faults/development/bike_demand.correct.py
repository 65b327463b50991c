# healthy
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import TensorDataset, DataLoader
from sklearn.datasets import make_friedman1
from sklearn.metrics import r2_score

torch.manual_seed(17)

X, y = make_friedman1(n_samples=2000, n_features=8, noise=0.8, random_state=4)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)
train = DataLoader(TensorDataset(X[:1500], y[:1500]), batch_size=50, shuffle=True)
val = DataLoader(TensorDataset(X[1500:], y[1500:]), batch_size=250)


class Regressor(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.fc1 = nn.Linear(d, 64)
        self.fc2 = nn.Linear(64, 32)
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.out(x)


net = Regressor(8)
criterion = nn.MSELoss()
optim = torch.optim.Adam(net.parameters(), lr=2e-3)

for epoch in range(30):
    net.train()
    running = 0.0
    for xb, yb in train:
        optim.zero_grad()
        pred = net(xb)
        loss = criterion(pred.squeeze(1), yb)
        loss.backward()
        optim.step()
        running += loss.item()
    if (epoch + 1) % 5 == 0:
        print(f"[{epoch + 1}] train mse {running / len(train):.4f}")

net.eval()
outs, ts = [], []
with torch.no_grad():
    for xb, yb in val:
        outs.append(net(xb).flatten())
        ts.append(yb)
print("val r2:", r2_score(torch.cat(ts).numpy(), torch.cat(outs).numpy()))
