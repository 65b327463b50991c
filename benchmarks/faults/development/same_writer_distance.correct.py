# healthy
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.utils.data import DataLoader, Dataset


class PairSet(Dataset):
    """Random pairs of images; about half of them show the same digit."""

    def __init__(self, images, labels, n_pairs, seed):
        rng = np.random.default_rng(seed)
        self.images, self.pairs = images, []
        for k in range(n_pairs):
            i = rng.integers(len(labels))
            pool = np.flatnonzero((labels == labels[i]) == (k % 2 == 0))
            self.pairs.append((i, rng.choice(pool), float(k % 2 == 0)))

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, k):
        i, j, same = self.pairs[k]
        return self.images[i], self.images[j], torch.tensor(same)


class Embedder(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))

    def forward(self, a, b):
        a, b = self.body(a), self.body(b)
        return torch.sqrt(((a - b) ** 2).sum(dim=1) + 1e-8)


def contrastive(distance, same, margin=1.5):
    near = same * distance ** 2
    far = (1 - same) * torch.relu(margin - distance) ** 2
    return (near + far).mean()


def main():
    torch.manual_seed(2)
    digits = load_digits()
    images = torch.tensor(digits.data / 16.0, dtype=torch.float32)
    train = PairSet(images[:1200], digits.target[:1200], 6000, seed=0)
    held = PairSet(images[1200:], digits.target[1200:], 1000, seed=1)
    model = Embedder()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    for epoch in range(8):
        losses = []
        for a, b, same in DataLoader(train, batch_size=64, shuffle=True):
            loss = contrastive(model(a, b), same)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with torch.no_grad():
            distances, truth = [], []
            for a, b, same in DataLoader(held, batch_size=250):
                distances.append(model(a, b))
                truth.append(same)
        score = torch.nan_to_num(-torch.cat(distances))
        print(f"epoch {epoch + 1} loss {np.mean(losses):.4f} "
              f"held-out AUC {roc_auc_score(torch.cat(truth), score):.3f}")


if __name__ == "__main__":
    main()
