# fault: LK401 line 65
"""Does a string of brackets close properly? A small transformer encoder decides."""
import math
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

LENGTH = 16
PAD, OPEN, CLOSE, CLS = 0, 1, 2, 3


def balanced(n, rng):
    word, depth = [], 0
    for left in range(n, 0, -1):
        if depth == 0 or (depth < left and rng.random() < 0.5):
            word.append(OPEN)
            depth += 1
        else:
            word.append(CLOSE)
            depth -= 1
    return word


def sample(rng):
    word = balanced(LENGTH, rng)
    if rng.random() < 0.5:
        return word, 1
    i = rng.choice([k for k in range(LENGTH) if word[k] == OPEN])
    word[i] = CLOSE
    return word, 0


def dataset(n, seed):
    rng = random.Random(seed)
    rows = [sample(rng) for _ in range(n)]
    x = torch.tensor([[CLS] + w for w, _ in rows])
    return TensorDataset(x, torch.tensor([float(t) for _, t in rows]))


class BracketNet(nn.Module):
    def __init__(self, d=32, heads=4, layers=2):
        super().__init__()
        self.token = nn.Embedding(4, d)
        pos = torch.zeros(LENGTH + 1, d)
        t = torch.arange(LENGTH + 1)[:, None]
        f = torch.exp(-math.log(100.0) * torch.arange(0, d, 2) / d)
        pos[:, 0::2], pos[:, 1::2] = torch.sin(t * f), torch.cos(t * f)
        self.register_buffer("pos", pos)
        block = nn.TransformerEncoderLayer(d, heads, 2 * d, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(block, layers, enable_nested_tensor=False)
        self.readout = nn.Linear(d, 1)

    def forward(self, x):
        h = self.encoder(self.token(x) + self.pos)
        return self.readout(h[:, 0]).squeeze(-1)


def main():
    torch.manual_seed(27)
    train = DataLoader(dataset(2000, 0), batch_size=50, shuffle=True)
    val = DataLoader(dataset(500, 1), batch_size=500)
    net = BracketNet()
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.05, weight_decay=0.01)
    loss_fn = nn.BCEWithLogitsLoss()
    for epoch in range(8):
        net.train()
        total = 0.0
        for x, y in train:
            optimizer.zero_grad()
            loss = loss_fn(net(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
        net.eval()
        with torch.no_grad():
            acc = sum(((net(x) > 0).float() == y).sum().item() for x, y in val) / 500
        print(f"epoch {epoch + 1} loss {total / len(train):.4f} val accuracy {acc:.4f}")


if __name__ == "__main__":
    main()
