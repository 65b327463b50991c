# fault: LK204 or LK202 or LK201 line 44
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

torch.manual_seed(14)
rng = np.random.default_rng(14)

X, y = load_digits(return_X_y=True)
X = (X / 16.0 - 0.3) / 0.38
X_tr, X_te, y_tr, y_te = train_test_split(X.astype(np.float32), y, test_size=0.3, stratify=y, random_state=2)
by_class = [np.flatnonzero(y_tr == c) for c in range(10)]
X_tr_t, X_te_t = torch.from_numpy(X_tr), torch.from_numpy(X_te)


def sample_pairs(n):
    first = rng.integers(0, len(X_tr), n)
    same = rng.random(n) < 0.5
    second = np.array([rng.choice(by_class[y_tr[i]]) if s else rng.integers(0, len(X_tr))
                       for i, s in zip(first, same)])
    label = (y_tr[first] == y_tr[second]).astype(np.float32)
    return X_tr_t[first], X_tr_t[second], torch.from_numpy(label)


class Encoder(nn.Module):
    def __init__(self, dim=2):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, dim))

    def forward(self, x):
        return self.net(x)


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=2.0):
        super().__init__()
        self.margin = margin

    def forward(self, a, b, same):
        dist = torch.sqrt(((a - b) ** 2).sum(dim=1))
        pull = same * dist ** 2
        push = (1 - same) * F.relu(self.margin - dist) ** 2
        return (pull + push).mean()


encoder = Encoder(dim=8)
criterion = ContrastiveLoss(margin=2.0)
optimizer = torch.optim.Adam(encoder.parameters(), lr=1e-3)

STEPS, EVERY = 600, 100
window = []
for step in range(1, STEPS + 1):
    a, b, same = sample_pairs(64)
    loss = criterion(encoder(a), encoder(b), same)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    window.append(loss.item())
    if step % EVERY == 0:
        with torch.no_grad():
            z_tr = np.nan_to_num(encoder(X_tr_t).numpy())
            z_te = np.nan_to_num(encoder(X_te_t).numpy())
        knn = KNeighborsClassifier(5).fit(z_tr, y_tr)
        print(f"step {step} contrastive loss {np.mean(window):.4f} 5-NN accuracy {knn.score(z_te, y_te):.3f}")
        window = []
