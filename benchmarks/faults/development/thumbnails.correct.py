# healthy
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader
from sklearn.datasets import load_digits


def fetch_images():
    """8-bit grey images, as they come out of the scanner."""
    d = load_digits()
    return (d.images * 15).astype(np.uint8), d.target


class Thumbnails(Dataset):
    def __init__(self, images, labels):
        self.images = images / 255.0
        self.labels = labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, k):
        img = torch.as_tensor(self.images[k], dtype=torch.float32)
        return img.unsqueeze(0), int(self.labels[k])


class TinyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 16, 3, padding=1)
        self.c2 = nn.Conv2d(16, 16, 3, padding=1)
        self.d1 = nn.Linear(16 * 4 * 4, 32)
        self.d2 = nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.c1(x))
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        x = F.relu(self.d1(torch.flatten(x, 1)))
        return self.d2(x)


def main():
    torch.manual_seed(12)
    np.random.seed(12)
    images, labels = fetch_images()
    order = np.random.permutation(len(labels))
    tr, te = order[:1300], order[1300:]
    train_loader = DataLoader(Thumbnails(images[tr], labels[tr]), batch_size=64, shuffle=True)
    test_loader = DataLoader(Thumbnails(images[te], labels[te]), batch_size=256)
    net = TinyNet()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(12):
        net.train()
        loss_sum = 0.0
        for x, y in train_loader:
            opt.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            opt.step()
            loss_sum += loss.item()
        net.eval()
        ok = 0
        with torch.no_grad():
            for x, y in test_loader:
                ok += (net(x).argmax(1) == y).sum().item()
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1:2d} loss {loss_sum / len(train_loader):.4f} test acc {ok / len(te):.4f}")
    print("test accuracy", round(ok / len(te), 4))


main()
