# healthy
"""Denoising pre-training on unlabelled digits, then a linear probe on the frozen encoder."""
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class Encoder(nn.Module):
    def __init__(self, code=48):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, code))

    def forward(self, x):
        return self.net(x)


def batches(n, size):
    return torch.randperm(n).split(size)


def pretrain(encoder, x, epochs=25):
    decoder = nn.Sequential(nn.ReLU(), nn.Linear(48, 96), nn.ReLU(), nn.Linear(96, 64))
    opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
    for epoch in range(epochs):
        total = 0.0
        for idx in batches(len(x), 64):
            clean = x[idx]
            noisy = clean + 0.2 * torch.randn_like(clean)
            loss = nn.functional.mse_loss(decoder(encoder(noisy)), clean)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        if (epoch + 1) % 5 == 0:
            print(f"pretrain {epoch + 1}: reconstruction {total / len(x):.4f}")


def probe(encoder, x, y, xv, yv, epochs=25):
    for p in encoder.parameters():
        p.requires_grad_(False)
    encoder.eval()
    head = nn.Linear(48, 10)
    opt = torch.optim.Adam(head.parameters(), lr=1e-2)
    for epoch in range(epochs):
        total = 0.0
        for idx in batches(len(x), 64):
            with torch.no_grad():
                code = encoder(x[idx])
            loss = nn.functional.cross_entropy(head(code), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        if (epoch + 1) % 5 == 0:
            with torch.no_grad():
                acc = (head(encoder(xv)).argmax(1) == yv).float().mean().item()
            print(f"probe {epoch + 1}: loss {total / len(x):.4f} val acc {acc:.3f}")


def main():
    torch.manual_seed(40)
    d = load_digits()
    a, b, ya, yb = train_test_split(d.data / 16.0, d.target, test_size=0.25, random_state=40, stratify=d.target)
    x, xv = torch.tensor(a, dtype=torch.float32), torch.tensor(b, dtype=torch.float32)
    encoder = Encoder()
    pretrain(encoder, x)
    probe(encoder, x, torch.tensor(ya), xv, torch.tensor(yb))


if __name__ == "__main__":
    main()
