# fault: LK202 line 50
"""Siamese network on 8x8 digits with a contrastive loss, evaluated by 5-NN in embedding space."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

torch.manual_seed(7)
np.random.seed(7)

digits = load_digits()
X = (digits.data / 16.0).astype(np.float32)
X_tr, X_te, y_tr, y_te = train_test_split(X, digits.target, test_size=0.3, random_state=7, stratify=digits.target)


class PairDataset(Dataset):
    def __init__(self, X, y, pairs=2400):
        self.X, self.y, self.pairs = torch.from_numpy(X), y, pairs
        self.by_class = [np.flatnonzero(y == c) for c in range(10)]

    def __len__(self):
        return self.pairs

    def __getitem__(self, _):
        i = np.random.randint(len(self.y))
        same = np.random.rand() < 0.5
        c = self.y[i] if same else np.random.choice([k for k in range(10) if k != self.y[i]])
        j = np.random.choice(self.by_class[c])
        return self.X[i], self.X[j], torch.tensor(float(same))


class Embedder(nn.Module):
    def __init__(self, out=8):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, out))

    def forward(self, x):
        return self.body(x)


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=2.0):
        super().__init__()
        self.margin = margin

    def forward(self, a, b, same):
        dist = torch.sqrt(((a - b) ** 2).sum(dim=1))
        pull = same * dist ** 2
        push = (1 - same) * torch.clamp(self.margin - dist, min=0) ** 2
        return (pull + push).mean()


net = Embedder()
criterion = ContrastiveLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
loader = DataLoader(PairDataset(X_tr, y_tr), batch_size=64)

for epoch in range(15):
    losses = []
    for a, b, same in loader:
        loss = criterion(net(a), net(b), same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch + 1} contrastive loss {np.mean(losses):.4f}")

with torch.no_grad():
    emb_tr = np.nan_to_num(net(torch.from_numpy(X_tr)).numpy())
    emb_te = np.nan_to_num(net(torch.from_numpy(X_te)).numpy())
knn = KNeighborsClassifier(5).fit(emb_tr, y_tr)
print("5-NN accuracy:", knn.score(emb_te, y_te))
