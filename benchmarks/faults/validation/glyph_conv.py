# fault: LK401 line 70, 79
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


def draw_glyphs(n, size=12, seed=0):
    """Noisy pictures of 5 shapes: bar, column, cross, box, diagonal."""
    g = torch.Generator().manual_seed(seed)
    kind = torch.randint(0, 5, (n,), generator=g)
    img = torch.zeros(n, size, size)
    pos = torch.randint(3, size - 4, (n, 2), generator=g)
    for i in range(n):
        r, c = pos[i].tolist()
        k = kind[i].item()
        if k in (0, 2):
            img[i, r, c - 3:c + 4] = 1
        if k in (1, 2):
            img[i, r - 3:r + 4, c] = 1
        if k == 3:
            img[i, r - 2, c - 2:c + 3] = 1
            img[i, r + 2, c - 2:c + 3] = 1
            img[i, r - 2:r + 3, c - 2] = 1
            img[i, r - 2:r + 3, c + 2] = 1
        if k == 4:
            for d in range(-3, 4):
                img[i, r + d, c + d] = 1
    img = img + 0.35 * torch.randn(img.shape, generator=g)
    return img.unsqueeze(1), kind


class GlyphCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 8, 3, padding=1)
        self.c2 = nn.Conv2d(8, 16, 3, padding=1)
        self.f1 = nn.Linear(16 * 9, 64)
        self.f2 = nn.Linear(64, 5)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        x = F.relu(self.f1(x.flatten(1)))
        return self.f2(x)


def train_one_epoch(model, loader, optimizer):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    ok = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    return ok / len(loader.dataset)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="glyph recogniser")
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--batch-size", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=10)
    opts = parser.parse_args()

    torch.manual_seed(4)
    train_dl = DataLoader(TensorDataset(*draw_glyphs(2500, seed=1)), batch_size=opts.batch_size, shuffle=True)
    test_dl = DataLoader(TensorDataset(*draw_glyphs(700, seed=2)), batch_size=100)
    model = GlyphCNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=opts.learning_rate)
    for e in range(opts.epochs):
        tl = train_one_epoch(model, train_dl, optimizer)
        print(f"{e + 1:2d}/{opts.epochs} train {tl:.4f} test acc {accuracy(model, test_dl):.3f}")
