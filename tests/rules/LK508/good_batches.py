"""House values by district: a random batch per step."""
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import make_friedman1
from torch import nn

np.random.seed(1)
torch.manual_seed(1)

features, values = make_friedman1(n_samples=1200, n_features=8, noise=0.5, random_state=1)
values = (values - values.mean()) / values.std()
train_x, test_x = (torch.tensor(a, dtype=torch.float32) for a in (features[:1000], features[1000:]))
train_y, test_y = (torch.tensor(a, dtype=torch.float32).unsqueeze(1) for a in (values[:1000], values[1000:]))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(8, 32)
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(x)))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
for step in range(400):
    rows = np.random.choice(1000, 64, replace=False)
    batch = train_x[rows]
    targets = train_y[rows]
    loss = F.mse_loss(net(batch), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

net.eval()
with torch.no_grad():
    print("test mse", F.mse_loss(net(test_x), test_y).item())
