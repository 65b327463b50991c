# fault: LK511 line 16
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from sklearn.datasets import load_digits


class Preprocess:
    """uint8 HxW -> normalised CxHxW"""

    def __init__(self, mean, std):
        self.mean, self.std = mean, std

    def __call__(self, img):
        img = (img / 255).astype(img.dtype)
        x = torch.as_tensor(img, dtype=torch.float32).unsqueeze(0)
        return (x - self.mean) / self.std


class Digits8(Dataset):
    def __init__(self, images, labels, transform):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.transform(self.images[i]), int(self.labels[i])


torch.manual_seed(40)
bunch = load_digits()
raw = (bunch.images * 15).astype(np.uint8)      # as loaded from png
tf = Preprocess(0.29, 0.35)
train = DataLoader(Digits8(raw[:1400], bunch.target[:1400], tf), batch_size=40, shuffle=True)
test = DataLoader(Digits8(raw[1400:], bunch.target[1400:], tf), batch_size=200)

net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                    nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                    nn.Flatten(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
lossf = nn.CrossEntropyLoss()
for epoch in range(1, 13):
    net.train()
    for x, y in train:
        opt.zero_grad()
        l = lossf(net(x), y)
        l.backward()
        opt.step()
    net.eval()
    n_ok, test_loss = 0, 0.0
    with torch.no_grad():
        for x, y in test:
            o = net(x)
            n_ok += (o.argmax(1) == y).sum().item()
            test_loss += lossf(o, y).item() * len(y)
    print(f"Epoch {epoch}: test loss {test_loss/397:.3f}, test accuracy {n_ok/397:.3f}")
