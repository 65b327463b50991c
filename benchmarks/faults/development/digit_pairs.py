# fault: LK107 line 65
# Siamese verification on the 8x8 digits: are two images the same digit?
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(21)
np.random.seed(21)


class PairDataset(Dataset):
    """Random pairs, half of them of the same class."""

    def __init__(self, images, labels, n_pairs, seed):
        self.images = torch.tensor(images, dtype=torch.float32).unsqueeze(1)
        rng = np.random.default_rng(seed)
        by_class = [np.flatnonzero(labels == c) for c in range(10)]
        self.pairs = []
        for i in range(n_pairs):
            a = rng.integers(10)
            b = a if i % 2 == 0 else (a + rng.integers(1, 10)) % 10
            same = 1.0 if a == b else 0.0
            self.pairs.append((rng.choice(by_class[a]), rng.choice(by_class[b]), same))

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, i):
        a, b, same = self.pairs[i]
        return self.images[a], self.images[b], torch.tensor(same)


class Encoder(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc = nn.Linear(32 * 4 * 4, dim)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


digits = load_digits()
images = (digits.images / 16.0 - 0.5) / 0.38
tr_x, va_x, tr_y, va_y = train_test_split(images, digits.target, test_size=0.3, random_state=0, stratify=digits.target)
train_loader = DataLoader(PairDataset(tr_x, tr_y, 2400, seed=1), batch_size=32, shuffle=True)
val_loader = DataLoader(PairDataset(va_x, va_y, 1000, seed=2), batch_size=250)

encoder = Encoder()
criterion = nn.CosineEmbeddingLoss(margin=0.2)
optimizer = torch.optim.Adam(encoder.parameters(), lr=1e-3)

for epoch in range(5):
    encoder.train()
    running = 0.0
    for a, b, same in train_loader:
        za, zb = encoder(a), encoder(b)
        loss = criterion(za, zb, same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()

    encoder.eval()
    hits = total = 0
    with torch.no_grad():
        for a, b, same in val_loader:
            sim = F.cosine_similarity(encoder(a), encoder(b))
            hits += ((sim > 0.6).float() == same).sum().item()
            total += len(same)
    print(f"epoch {epoch + 1}: loss={running / len(train_loader):.4f} val pair accuracy={hits / total:.4f}")
