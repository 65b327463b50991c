# fault: LK306 line 47, 52
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(2)
np.random.seed(2)

# rentals per hour, scaled like in the notebook
n = 3000
hour = np.random.randint(0, 24, n)
temp = np.random.normal(15, 9, n)
wind = np.random.gamma(2, 6, n)
work = np.random.randint(0, 2, n)
peak = np.exp(-((hour - 8) / 2.0) ** 2) + np.exp(-((hour - 17.5) / 2.5) ** 2)
free = np.exp(-((hour - 14) / 4.0) ** 2)
cnt = (60 + 240 * np.where(work == 1, peak, free) * (0.4 + 0.6 / (1 + np.exp(-(temp - 12) / 4)))
       - 1.2 * wind + np.random.normal(0, 12, n))

hour_oh = np.eye(24)[hour]
num = np.stack([temp, wind, work], 1)
num = (num - num[:2400].mean(0)) / num[:2400].std(0)
features = torch.tensor(np.hstack([hour_oh, num]), dtype=torch.float32)
m, s = cnt[:2400].mean(), cnt[:2400].std()
targets = torch.tensor((cnt - m) / s, dtype=torch.float32).view(-1, 1)

train_x, val_x = features[:2400], features[2400:]
train_y, val_y = targets[:2400], targets[2400:]


class Network(nn.Module):
    def __init__(self, n_in, n_hidden=64):
        super().__init__()
        self.fc1 = nn.Linear(n_in, n_hidden)
        self.fc2 = nn.Linear(n_hidden, n_hidden)
        self.fc3 = nn.Linear(n_hidden, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


def weights_init(layer):
    if isinstance(layer, nn.Linear):
        layer.weight.data.fill_(0.0)
        layer.bias.data.fill_(0.0)


model = Network(features.shape[1])
model.apply(weights_init)
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
criterion = nn.MSELoss()

for epoch in range(15):
    model.train()
    idx = np.random.permutation(len(train_x))
    batch_losses = []
    for start in range(0, len(idx), 64):
        rows = idx[start:start + 64]
        optimizer.zero_grad()
        loss = criterion(model(train_x[rows]), train_y[rows])
        loss.backward()
        optimizer.step()
        batch_losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        val_loss = criterion(model(val_x), val_y).item()
    print(f"Epoch: {epoch + 1}/15  Training loss: {np.mean(batch_losses):.3f}  "
          f"Validation loss: {val_loss:.3f}  Validation R2: {1 - val_loss / val_y.var().item():.3f}")
