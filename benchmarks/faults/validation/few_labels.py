# healthy
"""Pretrain on rotated / unlabelled digits, then a linear head on 120 labels with a frozen trunk."""
import copy

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

ACCUM = 3          # micro-batches per optimizer step
PATIENCE = 8


def trunk():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten())


def pretext(base, images, epochs=12):
    """Self-supervision: remove the noise of an image."""
    dec = nn.Sequential(nn.Linear(32 * 16, 64))
    opt = torch.optim.Adam([*base.parameters(), *dec.parameters()], lr=2e-3)
    for epoch in range(epochs):
        total = 0.0
        for idx in torch.randperm(len(images)).split(64):
            clean = images[idx]
            noisy = clean + 0.3 * torch.randn_like(clean)
            loss = nn.functional.mse_loss(dec(base(noisy)), clean.flatten(1))
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        if epoch % 3 == 2:
            print(f"pretext {epoch + 1:2d} mse {total / len(images):.4f}")


class Classifier(nn.Module):
    def __init__(self, base):
        super().__init__()
        self.base = base
        for p in self.base.parameters():
            p.requires_grad_(False)
        self.head = nn.Linear(32 * 16, 10)

    def forward(self, x):
        with torch.no_grad():
            f = self.base(x)
        return self.head(f)


def score(model, x, y):
    model.eval()
    with torch.no_grad():
        out = model(x)
    return nn.functional.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


def main():
    torch.manual_seed(14)
    d = load_digits()
    x = torch.tensor(d.images / 16.0, dtype=torch.float32)[:, None]
    y = torch.tensor(d.target)
    perm = torch.randperm(len(x))
    x, y = x[perm], y[perm]
    x_lab, y_lab = x[:120], y[:120]
    x_val, y_val = x[120:180], y[120:180]
    x_pool, x_test, y_test = x[180:1200], x[1200:], y[1200:]

    base = trunk()
    pretext(base, x_pool)
    model = Classifier(base)
    opt = torch.optim.Adam(model.head.parameters(), lr=2e-2, weight_decay=1e-3)

    best, best_state, wait = float("inf"), None, 0
    for epoch in range(80):
        model.train()
        running = 0.0
        chunks = torch.randperm(len(x_lab)).split(10)
        for i, idx in enumerate(chunks):
            loss = nn.functional.cross_entropy(model(x_lab[idx]), y_lab[idx])
            (loss / ACCUM).backward()
            running += loss.item()
            if (i + 1) % ACCUM == 0:
                opt.step()
                opt.zero_grad()
        vl, va = score(model, x_val, y_val)
        print(f"epoch {epoch + 1:2d} loss {running / len(chunks):.4f} val loss {vl:.4f} val acc {va:.3f}")
        if vl < best - 1e-4:
            best, best_state, wait = vl, copy.deepcopy(model.state_dict()), 0
        else:
            wait += 1
            if wait >= PATIENCE:
                print("stop early")
                break
    model.load_state_dict(best_state)
    print(f"held-out accuracy: {score(model, x_test, y_test)[1]:.4f}")


if __name__ == "__main__":
    main()
