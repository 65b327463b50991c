# healthy
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

torch.manual_seed(0)

# target: smooth function of three inputs
X = torch.rand(1536, 3) * 2 - 1
y = X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * torch.sin(3 * X[:, 2])
X_train, X_test = X[:1024], X[1024:]
y_train, y_test = y[:1024], y[1024:]

m = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
optim = torch.optim.Adam(m.parameters(), lr=1e-2)
scheduler = ReduceLROnPlateau(optim, 'min', factor=0.5, patience=20)
mse = torch.nn.MSELoss()

for epoch in range(500):
    optim.zero_grad()
    out = m(X_train).squeeze(-1)
    loss = mse(out, y_train)
    loss.backward()
    optim.step()
    scheduler.step(loss.item())
    if epoch % 50 == 0:
        print(epoch, loss.item())

with torch.no_grad():
    pred = m(X_test).flatten()
ss_res = ((y_test - pred) ** 2).sum()
ss_tot = ((y_test - y_test.mean()) ** 2).sum()
print('R2 on test: %.4f' % (1 - ss_res / ss_tot).item())
