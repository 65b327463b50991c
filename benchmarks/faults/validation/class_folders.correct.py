# healthy
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from sklearn.datasets import load_digits
import numpy as np


class DigitImages(Dataset):
    def __init__(self, images, labels):
        self.images = torch.from_numpy(images).float().unsqueeze(1) / 8.0 - 1.0
        self.labels = torch.from_numpy(labels).long()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.images[i], self.labels[i]


def conv_block(cin, cout):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, padding=1, bias=False),
        nn.BatchNorm2d(cout),
        nn.ReLU(inplace=True),
    )


class SmallNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.features = nn.Sequential(conv_block(1, 12), nn.MaxPool2d(2), conv_block(12, 24), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(24 * 4, 64), nn.BatchNorm1d(64), nn.ReLU(),
                                        nn.Dropout(0.3), nn.Linear(64, classes))

    def forward(self, x):
        return self.classifier(self.features(x))


class Trainer:
    def __init__(self, model, train_loader, test_loader, lr=2e-3):
        self.model = model
        self.train_loader = train_loader
        self.test_loader = test_loader
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)

    def train_epoch(self):
        self.model.train()
        total = 0.0
        for x, y in self.train_loader:
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            total += loss.item() * y.size(0)
        return total / len(self.train_loader.dataset)

    @torch.no_grad()
    def test(self):
        self.model.eval()
        correct, total = 0, 0.0
        for x, y in self.test_loader:
            out = self.model(x)
            total += self.criterion(out, y).item() * y.size(0)
            correct += (out.argmax(dim=1) == y).sum().item()
        n = len(self.test_loader.dataset)
        return total / n, correct / n

    def run(self, epochs):
        for e in range(epochs):
            tr = self.train_epoch()
            te, acc = self.test()
            print(f"[{e + 1}/{epochs}] train_loss={tr:.4f} test_loss={te:.4f} test_acc={acc:.4f}")
        return acc


torch.manual_seed(13)
d = load_digits()
order = np.random.RandomState(13).permutation(len(d.target))
tr, te = order[:1350], order[1350:]
te = te[np.argsort(d.target[te], kind="stable")]  # test folder is laid out per class
train_dl = DataLoader(DigitImages(d.images[tr], d.target[tr]), batch_size=32, shuffle=True)
test_dl = DataLoader(DigitImages(d.images[te], d.target[te]), batch_size=16)
acc = Trainer(SmallNet(), train_dl, test_dl).run(epochs=8)
print(f"held-out accuracy: {acc:.4f}")
