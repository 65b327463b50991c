# healthy
"""Train on a folder of scans: scan_0.npy ... plus labels.txt with one label per line."""
import os
import tempfile
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader, Subset
from sklearn.datasets import load_digits


def export(folder):
    d = load_digits()
    for i, img in enumerate(d.images):
        np.save(os.path.join(folder, f"scan_{i}.npy"), img.astype(np.uint8))
    with open(os.path.join(folder, "labels.txt"), "w") as fh:
        fh.write("\n".join(map(str, d.target)))


class ScanFolder(Dataset):
    def __init__(self, folder):
        names = sorted((f for f in os.listdir(folder) if f.endswith(".npy")),
                       key=lambda f: int(f[5:-4]))
        with open(os.path.join(folder, "labels.txt")) as fh:
            self.labels = [int(line) for line in fh]
        assert len(names) == len(self.labels)
        self.scans = [np.load(os.path.join(folder, f)) for f in names]

    def __len__(self):
        return len(self.scans)

    def __getitem__(self, i):
        x = torch.from_numpy(self.scans[i]).float().unsqueeze(0) / 8 - 1
        return x, self.labels[i]


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.fc = nn.Linear(32 * 2 * 2, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.c1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.c2(x)), 2)
        return self.fc(x.flatten(1))


def main():
    torch.manual_seed(19)
    with tempfile.TemporaryDirectory() as folder:
        export(folder)
        ds = ScanFolder(folder)
    perm = torch.randperm(len(ds)).tolist()
    train_loader = DataLoader(Subset(ds, perm[:1400]), batch_size=32, shuffle=True)
    val_loader = DataLoader(Subset(ds, perm[1400:]), batch_size=200)
    model = ConvNet()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    ce = nn.CrossEntropyLoss()
    for epoch in range(8):
        model.train()
        tl = 0.0
        for x, y in train_loader:
            opt.zero_grad()
            loss = ce(model(x), y)
            loss.backward()
            opt.step()
            tl += loss.item()
        model.eval()
        with torch.no_grad():
            acc = sum((model(x).argmax(1) == y).sum().item() for x, y in val_loader) / len(val_loader.dataset)
        print(f"epoch {epoch + 1}: train loss {tl / len(train_loader):.3f}, val accuracy {acc:.3f}")


if __name__ == "__main__":
    main()
