# healthy
import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

np.random.seed(42)
torch.manual_seed(42)

n = 3000
pressure = np.random.normal(101325, 1500, n)        # Pa
temperature = np.random.normal(310, 12, n)          # K
rpm = np.random.normal(2900, 120, n)
vibration = np.random.gamma(2.0, 0.004, n)          # m/s
current = np.random.normal(12.0, 1.1, n)            # A

z = (1.1 * (temperature - 310) / 12 + 0.9 * (rpm - 2900) / 120 * (current - 12) / 1.1
     + 1.2 * (vibration - 0.008) / 0.0056 - 0.8 * (pressure - 101325) / 1500)
fails = (z + np.random.normal(0, 0.4, n) > 0).astype(np.int64)
readings = np.column_stack([pressure, temperature, rpm, vibration, current])

split = 2300
train_x, test_x = readings[:split], readings[split:]
train_y, test_y = fails[:split], fails[split:]
mean, std = train_x.mean(axis=0), train_x.std(axis=0)
train_x = (train_x - mean) / std
test_x = (test_x - mean) / std

train_ds = TensorDataset(torch.from_numpy(train_x).float(), torch.from_numpy(train_y))
test_ds = TensorDataset(torch.from_numpy(test_x).float(), torch.from_numpy(test_y))
train_loader = DataLoader(train_ds, batch_size=64, shuffle=True)
test_loader = DataLoader(test_ds, batch_size=64)


class PumpClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_1 = nn.Linear(5, 48)
        self.layer_2 = nn.Linear(48, 48)
        self.layer_out = nn.Linear(48, 2)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.relu(self.layer_1(x))
        x = self.relu(self.layer_2(x))
        return self.layer_out(x)


def accuracy(logits, y):
    return (logits.argmax(dim=1) == y).float().mean().item() * 100


model = PumpClassifier()
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=0.001)

for e in range(1, 13):
    model.train()
    epoch_loss, epoch_acc = 0, 0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        y_pred = model(xb)
        loss = criterion(y_pred, yb)
        acc = accuracy(y_pred, yb)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
        epoch_acc += acc

    model.eval()
    val_loss, val_acc = 0, 0
    with torch.no_grad():
        for xb, yb in test_loader:
            y_pred = model(xb)
            val_loss += criterion(y_pred, yb).item()
            val_acc += accuracy(y_pred, yb)
    print(f"Epoch {e + 0:03}: | Loss: {epoch_loss / len(train_loader):.5f} | Acc: {epoch_acc / len(train_loader):.2f}"
          f" | Val Loss: {val_loss / len(test_loader):.5f} | Val Acc: {val_acc / len(test_loader):.2f}")
