# healthy
import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

config = dict(seed=99, batch_size=64, epochs=12, lr=2e-3, drop=0.3)
torch.manual_seed(config["seed"])

raw = load_digits()
images = torch.tensor(raw.images, dtype=torch.float32).unsqueeze(1) / 8.0 - 1.0
labels = torch.tensor(raw.target)
full = TensorDataset(images, labels)
train_ds, test_ds = random_split(full, [1400, len(full) - 1400])
train_loader = DataLoader(train_ds, batch_size=config["batch_size"], shuffle=True)
# images arrive one at a time in the app
test_loader = DataLoader(test_ds, batch_size=1)


def block(cin, cout):
    return nn.Sequential(nn.Conv2d(cin, cout, 3, padding=1), nn.BatchNorm2d(cout), nn.ReLU())


class DigitCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(block(1, 8), nn.MaxPool2d(2), block(8, 16), nn.MaxPool2d(2))
        self.drop = nn.Dropout(config["drop"])
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.features(x).flatten(1)
        return self.fc(self.drop(x))


def train(model, loader, optimizer, criterion):
    model.train()
    total = 0.0
    for img, lab in loader:
        optimizer.zero_grad()
        loss = criterion(model(img), lab)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(lab)
    return total / len(loader.dataset)


def test(model, loader, criterion):
    model.eval()
    hits, total = 0, 0.0
    with torch.no_grad():
        for img, lab in loader:
            out = model(img)
            total += criterion(out, lab).item()
            hits += int(out.argmax(1) == lab)
    return total / len(loader), hits / len(loader)


net = DigitCNN()
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=config["lr"])
for epoch in range(config["epochs"]):
    tr = train(net, train_loader, optimizer, criterion)
    te, acc = test(net, test_loader, criterion)
    print(f"{epoch + 1:2d}/{config['epochs']} train loss {tr:.4f}  test loss {te:.4f}  test acc {acc:.3f}")
