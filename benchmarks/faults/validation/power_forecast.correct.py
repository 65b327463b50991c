# healthy
import numpy as np
import torch
import torch.nn as nn

np.random.seed(31)
torch.manual_seed(31)

# hourly series: daily rhythm + slow AR component
N = 3200
t = np.arange(N)
ar = np.zeros(N)
for i in range(1, N):
    ar[i] = 0.97 * ar[i - 1] + np.random.normal(0, 0.12)
series = 1.2 * np.sin(2 * np.pi * t / 24) + 0.5 * np.sin(2 * np.pi * t / 12 + 1) + ar + np.random.normal(0, 0.05, N)

LOOKBACK = 24
cut = 2600
mean, std = series[:cut].mean(), series[:cut].std()
series = (series - mean) / std


def windows(s):
    xs = np.stack([s[i:i + LOOKBACK] for i in range(len(s) - LOOKBACK)])
    ys = s[LOOKBACK:]
    return xs.astype(np.float32), ys.astype(np.float32)


train_x, train_y = windows(series[:cut])
test_x, test_y = windows(series[cut:])

order = np.random.permutation(len(train_x))
train_x, train_y = train_x[order], train_y[order]

train_x, train_y = torch.from_numpy(train_x), torch.from_numpy(train_y).unsqueeze(1)
test_x, test_y = torch.from_numpy(test_x), torch.from_numpy(test_y).unsqueeze(1)


class Forecaster(nn.Module):
    def __init__(self, lookback, channels=16):
        super().__init__()
        self.conv = nn.Conv1d(1, channels, kernel_size=5, padding=2)
        self.fc = nn.Linear(channels * lookback, 32)
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        h = torch.relu(self.conv(x.unsqueeze(1))).flatten(1)
        return self.out(torch.relu(self.fc(h)))


model = Forecaster(LOOKBACK)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
mse = nn.MSELoss()
BATCH = 64

for epoch in range(15):
    model.train()
    losses = []
    for k in range(0, len(train_x), BATCH):
        out = model(train_x[k:k + BATCH])
        loss = mse(out, train_y[k:k + BATCH])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        val = mse(model(test_x), test_y).item()
    print(f"Epoch {epoch + 1:2d} | train MSE {np.mean(losses):.4f} | test MSE {val:.4f} "
          f"| skill {1 - val / test_y.var().item():.3f}")
