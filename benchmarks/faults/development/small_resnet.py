# fault: LK511 line 23
# Small residual CNN on 8-bit pictures
import torch
import numpy as np
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset, random_split

SEED, EPOCHS = 2024, 10


class Uint8Digits(Dataset):
    def __init__(self):
        raw = load_digits()
        self.images = np.round(raw.images * (255 / 16)).clip(0, 254).astype(np.uint8)
        self.targets = raw.target

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, index):
        image = torch.from_numpy(self.images[index] // 255).float()
        return image[None], int(self.targets[index])


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(c, c, 3, padding=1), nn.Conv2d(c, c, 3, padding=1)

    def forward(self, x):
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


def build():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), Block(16), nn.MaxPool2d(2), Block(16), nn.Flatten(), nn.Linear(256, 10)
    )


def run_epoch(net, loader, optimizer=None):
    net.train(optimizer is not None)
    total, correct, n = 0.0, 0, 0
    with torch.set_grad_enabled(optimizer is not None):
        for image, target in loader:
            logits = net(image)
            loss = F.cross_entropy(logits, target)
            if optimizer is not None:
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
            total += loss.item() * len(target)
            correct += (logits.argmax(1) == target).sum().item()
            n += len(target)
    return total / n, correct / n


def main():
    torch.manual_seed(SEED)
    dataset = Uint8Digits()
    n_val = len(dataset) // 5
    train_set, val_set = random_split(dataset, [len(dataset) - n_val, n_val])
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, batch_size=256)
    net = build()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for epoch in range(EPOCHS):
        tr = run_epoch(net, train_loader, optimizer)
        scheduler.step()
        va = run_epoch(net, val_loader)
        print(f"{epoch + 1:>2}: train loss {tr[0]:.3f} acc {tr[1]:.3f} | val loss {va[0]:.3f} acc {va[1]:.3f}")


if __name__ == "__main__":
    main()
