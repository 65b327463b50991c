# fault: LK304 line 43
"""Digits through a narrow code layer, for hashing later on."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class CodeUnit(nn.Module):
    """Sigmoid with an adjustable slope, so the codes can be rounded to bits."""

    def __init__(self, slope):
        super().__init__()
        self.slope = slope

    def forward(self, z):
        return torch.sigmoid(self.slope * z)


class HashNet(nn.Module):
    def __init__(self, bits=24, slope=1.0):
        super().__init__()
        self.encode = nn.Sequential(
            nn.Linear(64, 96), CodeUnit(slope),
            nn.Linear(96, 48), CodeUnit(slope),
            nn.Linear(48, bits), CodeUnit(slope),
        )
        self.classify = nn.Linear(bits, 10)

    def forward(self, x):
        return self.classify(self.encode(x) * 2 - 1)


def run():
    torch.manual_seed(0)
    X, y = load_digits(return_X_y=True)
    X = torch.tensor((X - 8.0) / 6.0, dtype=torch.float32)
    y = torch.tensor(y)
    tr, va = train_test_split(range(len(y)), test_size=0.25, stratify=y, random_state=0)
    Xtr, ytr, Xva, yva = X[tr], y[tr], X[va], y[va]

    net = HashNet(bits=24, slope=120.0)
    optim = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=1e-4)
    for epoch in range(40):
        net.train()
        for part in torch.randperm(len(ytr)).split(64):
            loss = F.cross_entropy(net(Xtr[part]), ytr[part])
            optim.zero_grad()
            loss.backward()
            optim.step()
        net.eval()
        with torch.no_grad():
            logits = net(Xva)
            codes = (net.encode(Xva) > 0.5).float()
        if epoch % 8 == 7:
            print(f"[{epoch + 1}] loss {loss.item():.3f} "
                  f"val loss {F.cross_entropy(logits, yva).item():.3f} "
                  f"val acc {(logits.argmax(1) == yva).float().mean().item():.3f} "
                  f"bits on {codes.mean().item():.2f}")


run()
