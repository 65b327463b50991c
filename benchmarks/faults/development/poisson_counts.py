# healthy
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(7)
torch.manual_seed(7)
features = rng.normal(size=(3000, 5)).astype("float32")
rate = np.exp(0.4 * features[:, 0] - 0.3 * features[:, 1] + 0.2 * features[:, 2] * features[:, 3] + 0.5)
counts = rng.poisson(rate).astype("float32")
train = TensorDataset(torch.from_numpy(features[:2400]), torch.from_numpy(counts[:2400]))
xv, yv = torch.from_numpy(features[2400:]), torch.from_numpy(counts[2400:])

net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
loss_fn = nn.PoissonNLLLoss(log_input=True)
opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)
for epoch in range(10):
    net.train()
    for xb, yb in DataLoader(train, batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = loss_fn(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(f"epoch {epoch} val deviance {loss_fn(net(xv), yv).item():.4f}")
