# healthy
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

CFG = {"n_train": 1200, "n_test": 400, "length": 48, "epochs": 10, "batch": 40, "lr": 2e-3}
CLASSES = ["rest", "walk", "run", "stairs"]


def record(kind, rng, length):
    t = np.arange(length) / 16.0
    phase = rng.uniform(0, 2 * np.pi)
    if kind == 0:
        sig = 0.05 * np.sin(t + phase)
    elif kind == 1:
        sig = 0.6 * np.sin(2 * np.pi * 1.0 * t + phase)
    elif kind == 2:
        sig = 1.1 * np.sin(2 * np.pi * 2.2 * t + phase)
    else:
        sig = 0.6 * np.sin(2 * np.pi * 1.0 * t + phase) + 0.5 * np.sign(np.sin(np.pi * t + phase))
    other = np.roll(sig, 3) * 0.5
    return np.stack([sig, other]) + rng.normal(0, 0.25, (2, length))


def collect(n, seed):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(4), n // 4)
    signals = np.stack([record(k, rng, CFG["length"]) for k in labels])
    return signals.astype(np.float32), labels


def shuffle_split(signals, labels, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(signals))
    signals = signals[order]
    labels = labels[order]
    return torch.from_numpy(signals), torch.from_numpy(labels)


class ActivityNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv1d(2, 16, 7, padding=3)
        self.c2 = nn.Conv1d(16, 32, 5, padding=2)
        self.bn = nn.BatchNorm1d(32)
        self.fc = nn.Linear(32, len(CLASSES))

    def forward(self, x):
        x = F.max_pool1d(F.relu(self.c1(x)), 2)
        x = F.relu(self.bn(self.c2(x)))
        return self.fc(x.amax(dim=-1))


def evaluate(model, X, y):
    model.eval()
    with torch.no_grad():
        out = model(X)
    return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


def main():
    torch.manual_seed(77)
    X, y = shuffle_split(*collect(CFG["n_train"], 1), seed=10)
    X_test, y_test = map(torch.from_numpy, collect(CFG["n_test"], 2))
    model = ActivityNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=CFG["lr"])
    for epoch in range(CFG["epochs"]):
        model.train()
        total = 0.0
        for i in range(0, len(X), CFG["batch"]):
            xb, yb = X[i:i + CFG["batch"]], y[i:i + CFG["batch"]]
            loss = F.cross_entropy(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        tl, ta = evaluate(model, X_test, y_test)
        print(f"epoch {epoch + 1}: train loss {total / len(X):.4f} | test loss {tl:.4f} acc {ta:.3f}")
    print("test accuracy:", ta)


if __name__ == "__main__":
    main()
