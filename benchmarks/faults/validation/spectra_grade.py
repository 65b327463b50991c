# fault: LK306 or LK301 line 22
"""Grade olive-oil samples (4 grades) from near-infrared spectra with a deep MLP."""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


def synth_spectra(n, seed):
    rng = np.random.default_rng(seed)
    grade = rng.integers(0, 4, n)
    wl = np.linspace(0, 1, 50)
    centres = np.array([0.25, 0.33, 0.41, 0.49])
    bump = np.exp(-((wl[None] - centres[grade][:, None]) ** 2) / 0.004)
    height = rng.uniform(0.6, 1.4, (n, 1))
    baseline = rng.normal(size=(n, 1)) * wl[None] + 0.5 * rng.normal(size=(n, 1))
    return height * bump + baseline + rng.normal(scale=0.25, size=(n, 50)), grade


def init_weights(module):
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, mean=0.0, std=0.01)
        nn.init.zeros_(module.bias)


class GradeMLP(nn.Module):
    def __init__(self, widths=(50, 64, 64, 64, 64, 64)):
        super().__init__()
        blocks = []
        for a, b in zip(widths[:-1], widths[1:]):
            blocks += [nn.Linear(a, b), nn.ReLU()]
        self.trunk = nn.Sequential(*blocks)
        self.classifier = nn.Linear(widths[-1], 4)
        self.apply(init_weights)

    def forward(self, x):
        return self.classifier(self.trunk(x))


def main():
    torch.manual_seed(13)
    x_tr, y_tr = synth_spectra(2400, 0)
    x_te, y_te = synth_spectra(800, 1)
    mean, std = x_tr.mean(0), x_tr.std(0)
    prep = lambda x, y: TensorDataset(torch.tensor((x - mean) / std, dtype=torch.float32), torch.tensor(y))
    loader = DataLoader(prep(x_tr, y_tr), batch_size=40, shuffle=True)
    test = prep(x_te, y_te)

    net = GradeMLP()
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    ce = nn.CrossEntropyLoss()
    for epoch in range(8):
        net.train()
        acc_loss = 0.0
        for xb, yb in loader:
            loss = ce(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            acc_loss += loss.item()
        net.eval()
        with torch.no_grad():
            val = net(test.tensors[0])
            val_loss = ce(val, test.tensors[1]).item()
            val_acc = (val.argmax(1) == test.tensors[1]).float().mean().item()
        print(f"epoch {epoch + 1} | train {acc_loss / len(loader):.4f} | val {val_loss:.4f} | acc {val_acc:.3f}")


if __name__ == "__main__":
    main()
