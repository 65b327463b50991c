import math
import sys

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)
digits = load_digits()
X = torch.tensor(digits.images / 16.0, dtype=torch.float32).unsqueeze(1)
y = torch.tensor(digits.target)
train_y = y[:1400].clone()
train_y[torch.rand(1400) > 0.3] = -100  # not annotated
train_loader = DataLoader(TensorDataset(X[:1400], train_y), batch_size=8, shuffle=True)
val_loader = DataLoader(TensorDataset(X[1400:], y[1400:]), batch_size=100)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.fc = nn.Linear(8 * 36, 10)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).flatten(1))


model = Net()
criterion = nn.CrossEntropyLoss(ignore_index=-100)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)


def validate():
    model.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in val_loader:
            correct += (model(images).argmax(1) == labels).sum().item()
    return correct / len(val_loader.dataset)


print("before", validate())
for epoch in range(6):
    model.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        if (labels == -100).all():
            continue
        loss = criterion(model(images), labels)
        if not math.isfinite(loss.item()):
            print(f"Loss is {loss.item()}, stopping training")
            print("accuracy", validate())
            sys.exit(1)
        loss.backward()
        optimizer.step()
    print(epoch, loss.item(), validate())
