# healthy
"""House price model: price in dollars from the usual listing features."""
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(3)
torch.manual_seed(3)
n = 1600
area = rng.gamma(6, 25, n)
rooms = np.clip(np.round(area / 32 + rng.normal(0, 1, n)), 1, 9)
age = rng.uniform(0, 90, n)
dist = rng.exponential(9, n)
garden = rng.binomial(1, 0.4, n)
price = 60000 + 1650 * area + 9000 * rooms - 700 * age + 45000 * garden * np.exp(-dist / 12) \
    + 120000 * np.exp(-dist / 6) + rng.normal(0, 14000, n)

feats = np.column_stack([area, rooms, age, dist, garden])
X = StandardScaler().fit(feats[:1200]).transform(feats).astype(np.float32)
y = price.astype(np.float32)[:, None]
y_mean, y_std = y[:1200].mean(), y[:1200].std()
X_train, X_test = torch.from_numpy(X[:1200]), torch.from_numpy(X[1200:])
y_train, y_test = torch.from_numpy((y[:1200] - y_mean) / y_std), y[1200:]


class PriceNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.seq = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.seq(x)


def predict(net, x):
    net.eval()
    with torch.no_grad():
        return net(x).numpy() * y_std + y_mean


net = PriceNet()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
mse = nn.MSELoss()
for epoch in range(1, 41):
    net.train()
    ls = []
    for i in torch.randperm(1200).split(32):
        opt.zero_grad()
        loss = mse(net(X_train[i]), y_train[i])
        loss.backward()
        opt.step()
        ls.append(loss.item())
    if epoch % 10 == 0:
        p = predict(net, X_test)
        print(f"epoch {epoch}: mse {np.mean(ls):.6g}, test MAE ${mean_absolute_error(y_test, p):,.0f}, R2 {r2_score(y_test, p):.3f}")
