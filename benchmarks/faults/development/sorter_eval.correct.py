# healthy
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


class SorterNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(128, 10))

    def forward(self, x):
        return self.head(self.features(x))


def train_one_epoch(model, loader, optimizer, criterion):
    model.train()
    running = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        running += loss.item()
    return running / len(loader)


def evaluate(model, loader):
    model.eval()
    correct, seen = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            preds = model(images).argmax(dim=1)
            correct += (preds == labels).sum().item()
            seen += labels.numel()
    return correct / seen


torch.manual_seed(2)
d = load_digits()
X = torch.tensor(d.images, dtype=torch.float32)[:, None] / 8 - 0.6
Y = torch.tensor(d.target)
itr, iva = train_test_split(torch.arange(len(X)).numpy(), test_size=0.25, random_state=2, stratify=d.target)
iva = iva[d.target[iva].argsort(kind="stable")]
train_loader = DataLoader(TensorDataset(X[itr], Y[itr]), batch_size=32, shuffle=True)
val_loader = DataLoader(TensorDataset(X[iva], Y[iva]), batch_size=16)

model = SorterNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9, nesterov=True)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
for epoch in range(10):
    tl = train_one_epoch(model, train_loader, optimizer, criterion)
    acc = evaluate(model, val_loader)
    scheduler.step()
    print(f"Epoch {epoch + 1:2d}: train loss {tl:.4f}, val accuracy {acc:.2%}")
