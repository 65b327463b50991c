# healthy
"""Classify short accelerometer windows (walk / run / rest / stairs) with a 1D CNN."""
import numpy as np
import torch
import torch.nn as nn

SEED = 21
N_PER_CLASS = 300
LENGTH = 64


def synth_window(kind, rng):
    t = np.arange(LENGTH) / 32.0
    phase = rng.uniform(0, 2 * np.pi)
    if kind == 0:
        s = 0.8 * np.sin(2 * np.pi * 1.8 * t + phase)
    elif kind == 1:
        s = 1.4 * np.sin(2 * np.pi * 3.2 * t + phase)
    elif kind == 2:
        s = 0.05 * np.sin(2 * np.pi * 0.3 * t + phase)
    else:
        s = 0.8 * np.abs(np.sin(2 * np.pi * 1.1 * t + phase)) - 0.4
    return s + rng.normal(0, 0.25, LENGTH)


def load_recordings(rng):
    windows, labels = [], []
    for kind in range(4):
        for _ in range(N_PER_CLASS):
            windows.append(synth_window(kind, rng))
            labels.append(kind)
    windows = np.asarray(windows, dtype=np.float32)
    labels = np.asarray(labels, dtype=np.int64)
    order = rng.permutation(len(windows))
    windows, labels = windows[order], labels[order]
    return windows[:, None, :], labels


class WindowCNN(nn.Module):
    def __init__(self, n_classes=4):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(1, 16, 7, padding=3), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(2),
            nn.Conv1d(16, 32, 5, padding=2), nn.BatchNorm1d(32), nn.ReLU(),
            nn.AdaptiveAvgPool1d(1),
        )
        self.classifier = nn.Linear(32, n_classes)

    def forward(self, x):
        return self.classifier(self.features(x).squeeze(-1))


def run():
    rng = np.random.default_rng(SEED)
    torch.manual_seed(SEED)
    X, y = load_recordings(rng)
    cut = int(0.8 * len(y))
    Xtr, ytr = torch.from_numpy(X[:cut]), torch.from_numpy(y[:cut])
    Xva, yva = torch.from_numpy(X[cut:]), torch.from_numpy(y[cut:])

    model = WindowCNN()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    ce = nn.CrossEntropyLoss()
    for epoch in range(12):
        model.train()
        losses = []
        for idx in torch.randperm(len(ytr)).split(40):
            opt.zero_grad()
            loss = ce(model(Xtr[idx]), ytr[idx])
            loss.backward()
            opt.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            logits = model(Xva)
            val_loss = ce(logits, yva).item()
            val_acc = (logits.argmax(1) == yva).float().mean().item()
        print(f"epoch {epoch:02d} train {np.mean(losses):.4f} val {val_loss:.4f} acc {val_acc:.3f}")


run()
