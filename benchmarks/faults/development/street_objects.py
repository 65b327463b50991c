# fault: LK112 line 59
"""Which objects are visible in a street tile? (each tile may show several of them, or none)"""
import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import nn
from torch.utils.data import DataLoader, Dataset

OBJECTS = ["pole", "kerb", "manhole", "arrow"]


class Tiles(Dataset):
    def __init__(self, n, seed):
        rng = np.random.default_rng(seed)
        self.images = rng.normal(0, 0.25, (n, 1, 16, 16)).astype(np.float32)
        self.present = (rng.random((n, 4)) < 0.45).astype(np.float32)
        for image, tags in zip(self.images[:, 0], self.present):
            y, x = rng.integers(2, 12, 2)
            if tags[0]:
                image[2:14, rng.integers(1, 15)] += 1.2
            if tags[1]:
                image[rng.integers(1, 15), 2:14] += 1.2
            if tags[2]:
                image[y:y + 3, x:x + 3] -= 1.3
            if tags[3]:
                y, x = rng.integers(1, 9, 2)
                for k in range(6):
                    image[y + k, x + k] += 1.4

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return torch.from_numpy(self.images[i]), torch.from_numpy(self.present[i])


def build_model():
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(),
        nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Linear(96, len(OBJECTS)))


def evaluate(model, loader):
    model.eval()
    truth, guess = [], []
    with torch.no_grad():
        for x, y in loader:
            guess.append(torch.sigmoid(model(x)) > 0.5)
            truth.append(y > 0.5)
    return f1_score(torch.cat(truth).numpy(), torch.cat(guess).numpy(), average="micro", zero_division=0)


def main():
    torch.manual_seed(4)
    train = DataLoader(Tiles(900, 0), batch_size=32, shuffle=True)
    val = DataLoader(Tiles(400, 1), batch_size=100)
    model = build_model()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(1, 8):
        model.train()
        seen = 0.0
        for x, y in train:
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            seen += loss.item()
        print(f"epoch {epoch} train loss {seen / len(train):.4f} val micro-F1 {evaluate(model, val):.4f}")


main()
