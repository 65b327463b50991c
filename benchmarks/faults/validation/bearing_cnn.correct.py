# healthy
# Bearing condition from vibration snippets. Test recordings are stored one folder per condition.
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CONDITIONS = ("normal", "inner", "outer", "ball")


def snippet(kind, rng, length=128):
    t = np.arange(length)
    amp = {0: 0.8, 1: 1.1, 2: 1.4, 3: 1.7}[kind]
    f = {0: 0.05, 1: 0.055, 2: 0.06, 3: 0.065}[kind]
    s = amp * np.sin(2 * np.pi * f * t + rng.uniform(0, 6.28))
    return s + rng.normal(0, 0.35, length)


def dataset(n_per, rng):
    return {k: np.stack([snippet(k, rng) for _ in range(n_per)]).astype(np.float32)[:, None] for k in range(4)}


class BearingCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv1d(1, 16, 9, padding=4), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(4),
            nn.Conv1d(16, 32, 5, padding=2), nn.BatchNorm1d(32), nn.ReLU(), nn.AdaptiveAvgPool1d(4),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(128, 4))

    def forward(self, x):
        return self.head(self.conv(x))


def train_one_epoch(model, loader, opt, crit):
    model.train()
    total = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = crit(model(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item()
    return total / len(loader)


def test(model, folders):
    model.eval()
    correct = count = 0
    with torch.no_grad():
        for kind, signals in folders.items():
            for chunk in torch.from_numpy(signals).split(25):
                correct += (model(chunk).argmax(1) == kind).sum().item()
                count += len(chunk)
    return correct / count


if __name__ == "__main__":
    torch.manual_seed(13)
    rng = np.random.default_rng(13)
    tr, te = dataset(300, rng), dataset(100, rng)
    X = torch.from_numpy(np.concatenate([tr[k] for k in tr]))
    Y = torch.arange(4).repeat_interleave(300)
    loader = DataLoader(TensorDataset(X, Y), batch_size=40, shuffle=True)
    model = BearingCNN()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    crit = nn.CrossEntropyLoss()
    for ep in range(14):
        loss = train_one_epoch(model, loader, opt, crit)
        print(f"epoch {ep + 1} loss {loss:.4f} test acc {test(model, te):.4f}")
    print(f"METRIC accuracy {test(model, te):.4f}")
