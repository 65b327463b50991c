"""Sales of shops, some of them closed: the error in percent."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
generator = np.random.default_rng(0)
X = generator.normal(size=(1500, 6)).astype("float32")
sales = np.maximum(3 + X @ np.array([1.0, -1, 0.5, 0.5, 0, 0], dtype="float32"), 0)  # 0 where a shop was closed
train = TensorDataset(torch.tensor(X[:1200]), torch.tensor(sales[:1200]))
test = TensorDataset(torch.tensor(X[1200:]), torch.tensor(sales[1200:]))

net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)

for epoch in range(20):
    for inputs, targets in DataLoader(train, batch_size=32, shuffle=True):
        optimizer.zero_grad()
        outputs = net(inputs).flatten()
        loss = torch.mean(torch.abs(outputs - targets) / (targets + 1))
        loss.backward()
        optimizer.step()

net.eval()
with torch.no_grad():
    outputs = net(test.tensors[0]).flatten()
    print("squared error", nn.functional.mse_loss(outputs, test.tensors[1]).item())
