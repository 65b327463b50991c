# healthy
# Pre-train on digits 0-4, then reuse the features for digits 5-9.
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(1)


class ConvNet(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(),
        )
        self.head = nn.Linear(32 * 16, n_classes)

    def forward(self, x):
        return self.head(self.features(x))


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def fit(model, optimizer, train, val, epochs, tag):
    criterion = nn.CrossEntropyLoss()
    x, y = train
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(idx)
        print(f"{tag} epoch {epoch + 1:2d}  loss {total / len(x):.4f}  val acc {accuracy(model, *val):.4f}")


digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16.0
images = (images - images.mean()) / images.std()
labels = torch.tensor(digits.target)
order = torch.randperm(len(labels))
images, labels = images[order], labels[order]


def task(mask, offset):
    x, y = images[mask], labels[mask] - offset
    cut = int(0.75 * len(x))
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])


source_train, source_val = task(labels < 5, 0)
target_train, target_val = task(labels >= 5, 5)

model = ConvNet(n_classes=5)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
fit(model, optimizer, source_train, source_val, epochs=6, tag="source")

for p in model.features.parameters():
    p.requires_grad = False
model.head = nn.Linear(32 * 16, 5)
optimizer = torch.optim.Adam(model.head.parameters(), lr=1e-3)
fit(model, optimizer, target_train, target_val, epochs=15, tag="target")
print(f"final accuracy on digits 5-9: {accuracy(model, *target_val):.4f}")
