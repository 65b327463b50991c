# fault: LK202 line 46
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(0)
np.random.seed(0)


class PairDataset(Dataset):
    """Random pairs; half of them share the class."""

    def __init__(self, X, y, n_pairs=2000):
        self.X, self.y, self.n_pairs = X, y, n_pairs
        self.by_class = {c: np.flatnonzero(y == c) for c in np.unique(y)}

    def __len__(self):
        return self.n_pairs

    def __getitem__(self, _):
        i = np.random.randint(len(self.X))
        same = np.random.rand() < 0.5
        label = self.y[i] if same else np.random.choice([c for c in self.by_class if c != self.y[i]])
        j = np.random.choice(self.by_class[label])
        return self.X[i], self.X[j], np.float32(same)


class Encoder(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, dim))

    def forward(self, x):
        return self.body(x)


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=2.0):
        super().__init__()
        self.margin = margin

    def forward(self, a, b, same):
        d = torch.sqrt(((a - b) ** 2).sum(dim=1))
        pull = same * d**2
        push = (1 - same) * torch.clamp(self.margin - d, min=0) ** 2
        return (pull + push).mean()


@torch.no_grad()
def nearest_neighbour_accuracy(encoder, X_ref, y_ref, X, y):
    encoder.eval()
    dist = torch.cdist(encoder(torch.tensor(X)), encoder(torch.tensor(X_ref)))
    found = y_ref[dist.argmin(dim=1).numpy()]
    encoder.train()
    return (found == y).mean()


X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
loader = DataLoader(PairDataset(X_tr, y_tr), batch_size=64)
encoder, criterion = Encoder(), ContrastiveLoss()
optimizer = torch.optim.Adam(encoder.parameters(), lr=1e-3)

for epoch in range(1, 26):
    losses = []
    for a, b, same in loader:
        loss = criterion(encoder(a), encoder(b), same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch % 5 == 0:
        acc = nearest_neighbour_accuracy(encoder, X_tr, y_tr, X_te, y_te)
        print(f"epoch {epoch}: contrastive loss {np.mean(losses):.4f}  1-NN accuracy {acc:.3f}")
