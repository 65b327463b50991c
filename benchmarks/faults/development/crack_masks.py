# fault: LK107 line 31
"""Find cracks in concrete tiles; the annotation tool exports masks as black and white PNGs."""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset


def draw_tile(rng, size=24):
    tile = rng.normal(140, 16, (size, size))
    mask = np.zeros((size, size), dtype=np.uint8)
    row = rng.integers(4, size - 4)
    for col in range(size):
        row = int(np.clip(row + rng.integers(-1, 2), 1, size - 3))
        mask[row:row + 2, col] = 255
    tile[mask > 0] -= 50
    return np.clip(tile, 0, 255).astype(np.uint8), mask


class CrackTiles(Dataset):
    def __init__(self, n, seed):
        rng = np.random.default_rng(seed)
        self.items = [draw_tile(rng) for _ in range(n)]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        tile, mask = self.items[index]
        tile = torch.from_numpy(tile).float().unsqueeze(0) / 255.0
        mask = torch.from_numpy(mask).float().unsqueeze(0)
        return (tile - 0.53) / 0.1, mask


model_layers = [nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(),
                nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(),
                nn.Conv2d(16, 1, 1)]


def dice(model, loader):
    model.eval()
    overlap = total = 0.0
    with torch.no_grad():
        for tile, mask in loader:
            found, truth = model(tile) > 0, mask > 0
            overlap += 2 * (found & truth).sum().item()
            total += found.sum().item() + truth.sum().item()
    return overlap / max(total, 1)


if __name__ == "__main__":
    torch.manual_seed(1)
    model = nn.Sequential(*model_layers)
    train_loader = DataLoader(CrackTiles(240, 0), batch_size=12, shuffle=True)
    val_loader = DataLoader(CrackTiles(80, 1), batch_size=40)
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(10):
        model.train()
        history = []
        for tile, mask in train_loader:
            loss = loss_fn(model(tile), mask)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            history.append(loss.item())
        print(f"epoch {epoch + 1} loss {sum(history) / len(history):.4f} val dice {dice(model, val_loader):.4f}")
