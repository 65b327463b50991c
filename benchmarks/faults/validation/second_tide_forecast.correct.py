# healthy
"""One-step-ahead water level forecast with a GRU (synthetic harbour gauge)."""
import numpy as np
import torch
import torch.nn as nn

np.random.seed(2)
torch.manual_seed(2)

# ---- series -----------------------------------------------------------
hours = np.arange(2600)
level = (1.6 * np.sin(2 * np.pi * hours / 12.42) + 0.6 * np.sin(2 * np.pi * hours / 12.0 + 0.4)
         + 0.3 * np.sin(2 * np.pi * hours / 25.8) + 0.12 * np.random.randn(len(hours)))
split = 2000
mu, sd = level[:split].mean(), level[:split].std()
level = ((level - mu) / sd).astype(np.float32)

WINDOW = 24


def windows(series):
    xs = np.stack([series[i:i + WINDOW] for i in range(len(series) - WINDOW)])
    ys = series[WINDOW:]
    return torch.from_numpy(xs).unsqueeze(-1), torch.from_numpy(ys).unsqueeze(-1)


x_train, y_train = windows(level[:split])
x_test, y_test = windows(level[split:])


# ---- model ------------------------------------------------------------
class TideGRU(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        h, _ = self.gru(x)
        return self.out(h[:, -1])


net = TideGRU()
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)

# ---- training ---------------------------------------------------------
BATCH = 64
for epoch in range(12):
    net.train()
    order = torch.randperm(len(x_train))
    losses = []
    for start in range(0, len(order), BATCH):
        idx = order[start:start + BATCH]
        prediction = net(x_train[idx])
        loss = criterion(prediction, y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    net.eval()
    with torch.no_grad():
        test_mse = criterion(net(x_test), y_test).item()
    r2 = 1 - test_mse / y_test.var().item()
    print(f"epoch {epoch + 1:2d} train mse {np.mean(losses):.4f} test mse {test_mse:.4f} R2 {r2:.3f}")
