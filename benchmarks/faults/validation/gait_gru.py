# fault: LK401 or LK403 line 41, 49
import math
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)

CLASSES = ["walk", "run", "stairs", "limp"]
T = 24


def simulate(n):
    label = torch.randint(0, 4, (n,))
    t = torch.arange(T) / 10.0
    freq = torch.tensor([1.0, 1.8, 1.0, 1.0])[label].unsqueeze(1) * (1 + 0.08 * torch.randn(n, 1))
    phase = 2 * math.pi * torch.rand(n, 1)
    base = torch.sin(2 * math.pi * freq * t + phase)
    second = torch.cos(2 * math.pi * freq * t + phase)
    second = torch.where((label == 2).unsqueeze(1), second + 0.4 * t - 0.6, second)
    base = torch.where((label == 3).unsqueeze(1), base + 0.7 * torch.sin(math.pi * freq * t + phase / 2), base)
    x = torch.stack([base, second], dim=-1) + 0.25 * torch.randn(n, T, 2)
    return x, label


class GaitNet(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.gru = nn.GRU(2, hidden, num_layers=2, batch_first=True)
        self.norm = nn.LayerNorm(hidden)
        self.fc = nn.Linear(hidden, len(CLASSES))

    def forward(self, x):
        out, _ = self.gru(x)
        return self.fc(self.norm(out[:, -1]))


config = {
    "batch_size": 32,
    "epochs": 7,
    "lr": 0.3,
}

train_dl = DataLoader(TensorDataset(*simulate(1400)), batch_size=config["batch_size"], shuffle=True)
val_x, val_y = simulate(500)

model = GaitNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])

for epoch in range(config["epochs"]):
    model.train()
    running_loss = 0.0
    for x, y in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    model.eval()
    with torch.no_grad():
        logits = model(val_x)
        acc = (logits.argmax(1) == val_y).float().mean().item()
        vloss = criterion(logits, val_y).item()
    print(f"Epoch {epoch + 1}/{config['epochs']} loss: {running_loss / len(train_dl):.4f} "
          f"val_loss: {vloss:.4f} val_acc: {acc:.3f}")
