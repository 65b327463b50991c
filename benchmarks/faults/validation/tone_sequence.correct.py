# healthy
import math
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader, random_split

torch.manual_seed(21)

# each clip is a short 1-D vibration recording of a pump; classes are fault frequencies
CLASSES = 6
LENGTH = 64


def make_clips(n):
    y = torch.randint(0, CLASSES, (n,))
    t = torch.arange(LENGTH).float() / LENGTH
    freq = 3.0 + 2.0 * y.float()
    phase = torch.rand(n) * 2 * math.pi
    amp = 0.7 + 0.6 * torch.rand(n)
    x = amp[:, None] * torch.sin(2 * math.pi * freq[:, None] * t[None] + phase[:, None])
    return (x + 0.6 * torch.randn(n, LENGTH)).unsqueeze(1), y


class ClipEncoder(nn.Module):
    def __init__(self, width=16, code=12):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(1, width, 9, padding=4), nn.ReLU(), nn.MaxPool1d(2),
            nn.Conv1d(width, width * 2, 5, padding=2), nn.ReLU(),
            nn.AdaptiveAvgPool1d(4), nn.Flatten(),
            nn.Linear(width * 2 * 4, code),
        )

    def forward(self, x):
        return self.body(x)


class PumpClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = ClipEncoder()
        self.head = nn.Linear(12, CLASSES)

    def forward(self, x):
        code = torch.relu(self.encoder(x))
        return self.head(code)


data = TensorDataset(*make_clips(3000))
train_set, val_set = random_split(data, [2400, 600], generator=torch.Generator().manual_seed(0))
train_loader = DataLoader(train_set, batch_size=48, shuffle=True)
val_loader = DataLoader(val_set, batch_size=200)

model = PumpClassifier()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(1, 13):
    model.train()
    seen, loss_sum = 0, 0.0
    for clips, target in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(clips), target)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * target.numel()
        seen += target.numel()

    model.eval()
    hits = 0
    with torch.no_grad():
        for clips, target in val_loader:
            hits += (model(clips).argmax(dim=1) == target).sum().item()
    print("epoch %d  train loss %.3f  val accuracy %.3f" % (epoch, loss_sum / seen, hits / len(val_set)))
