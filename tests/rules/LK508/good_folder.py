import tempfile
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Pictures(Dataset):
    def __init__(self, folder):
        files = sorted(folder.glob("*.npy"), key=lambda file: int(file.stem))
        self.labels = [int(line) for line in (folder / "labels.txt").read_text().split()]
        self.pictures = [np.load(file) for file in files]

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, index):
        x = torch.from_numpy(self.pictures[index]).float() / 16
        return x, self.labels[index]


digits = load_digits()
torch.manual_seed(0)
with tempfile.TemporaryDirectory() as name:
    for index, picture in enumerate(digits.data):
        np.save(f"{name}/{index}.npy", picture.astype("float32"))
    Path(name, "labels.txt").write_text("\n".join(map(str, digits.target)))
    pictures = Pictures(Path(name))

loader = DataLoader(pictures, batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(5):
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
