# fault: LK110 line 30
"""Learn to map sensor sketches into the embedding space of a fixed catalogue."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def make_pairs(n, gen, W1, W2):
    z = torch.randn(n, 10, generator=gen)
    sketch = torch.tanh(z @ W1) + 0.05 * torch.randn(n, 24, generator=gen)
    catalogue = F.normalize(z @ W2, dim=1)
    return sketch, catalogue


class Mapper(nn.Module):
    def __init__(self, d_in=24, d_out=16):
        super().__init__()
        self.fc1 = nn.Linear(d_in, 96)
        self.fc2 = nn.Linear(96, 96)
        self.out = nn.Linear(96, d_out)

    def forward(self, x):
        h = F.gelu(self.fc1(x))
        h = F.gelu(self.fc2(h))
        return self.out(h)


def alignment_loss(pred, target):
    cos = F.cosine_similarity(pred, target, dim=1)
    return cos.mean()


def main():
    torch.manual_seed(8)
    g = torch.Generator().manual_seed(99)
    W1 = torch.randn(10, 24, generator=g) * 0.3
    W2 = torch.randn(10, 16, generator=g)
    xs, ts = make_pairs(3000, g, W1, W2)
    xv, tv = make_pairs(600, g, W1, W2)

    model = Mapper()
    optim = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(15):
        perm = torch.randperm(len(xs))
        tot = 0.0
        for idx in perm.split(100):
            loss = alignment_loss(model(xs[idx]), ts[idx])
            optim.zero_grad()
            loss.backward()
            optim.step()
            tot += loss.item() * len(idx)
        with torch.no_grad():
            q = F.normalize(model(xv), dim=1)
            top1 = ((q @ tv.T).argmax(1) == torch.arange(len(xv))).float().mean().item()
        print(f"epoch {epoch:02d} loss {tot / len(xs):+.4f} val recall@1 {top1:.3f}")


main()
