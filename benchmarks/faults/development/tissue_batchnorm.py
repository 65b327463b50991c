# fault: LK407 line 9
"""Small conv net with batch normalisation on 8x8 tissue-like patches."""
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedShuffleSplit
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

BATCH_SIZE = 2
EPOCHS = 7
LR = 0.01

torch.manual_seed(8)
patches, kind = load_digits(return_X_y=True)
patches = torch.tensor(patches, dtype=torch.float32).view(-1, 1, 8, 8) / 16.0
kind = torch.tensor(kind)
train_idx, test_idx = next(StratifiedShuffleSplit(1, test_size=0.6, random_state=8)
                           .split(patches, kind))


def block(cin, cout):
    return nn.Sequential(nn.Conv2d(cin, cout, 3, padding=1, bias=False),
                         nn.BatchNorm2d(cout), nn.ReLU())


class PatchNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = block(1, 16)
        self.body = nn.Sequential(nn.MaxPool2d(2), block(16, 32), nn.MaxPool2d(2))
        self.neck = nn.Sequential(nn.Flatten(), nn.Linear(128, 48), nn.BatchNorm1d(48), nn.ReLU())
        self.head = nn.Linear(48, 10)

    def forward(self, x):
        return self.head(self.neck(self.body(self.stem(x))))


train_loader = DataLoader(TensorDataset(patches[train_idx], kind[train_idx]),
                          batch_size=BATCH_SIZE, shuffle=True, drop_last=True)
model = PatchNet()
optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=0.9)
criterion = nn.CrossEntropyLoss()

for epoch in range(EPOCHS):
    model.train()
    seen, total = 0, 0.0
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        seen += len(labels)
    model.eval()
    with torch.no_grad():
        acc = (model(patches[test_idx]).argmax(1) == kind[test_idx]).float().mean().item()
    print(f"Epoch {epoch + 1}/{EPOCHS} train_loss={total / seen:.4f} test_acc={acc:.4f}")
