# fault: LK107 line 24
"""Route support tickets (word counts) to ten queues named by text."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

QUEUES = np.array(["billing", "orders", "returns", "login", "shipping",
                   "refunds", "warranty", "spares", "privacy", "press"])
VOCAB = 60


def tickets(n, seed):
    topic = np.random.default_rng(0).dirichlet(np.full(VOCAB, 0.15), size=len(QUEUES))
    rng = np.random.default_rng(seed)
    q = rng.integers(0, len(QUEUES), n)
    counts = np.stack([rng.multinomial(25, topic[k]) for k in q])
    noise = rng.poisson(0.15, counts.shape)
    return [(np.log1p(c).astype("float32"), QUEUES[k]) for c, k in zip(counts + noise, q)]


def collate(batch):
    words = torch.from_numpy(np.stack([b[0] for b in batch]))
    _, queue = np.unique([b[1] for b in batch], return_inverse=True)
    return words, torch.as_tensor(queue, dtype=torch.long)


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(VOCAB, 48), nn.GELU(), nn.Dropout(0.1),
                                    nn.Linear(48, len(QUEUES)))

    def forward(self, words):
        return self.layers(words)


def evaluate(model, loader):
    model.eval()
    good = total = 0
    with torch.no_grad():
        for words, queue in loader:
            good += (model(words).argmax(-1) == queue).sum().item()
            total += len(queue)
    return good / total


torch.manual_seed(17)
train_loader = DataLoader(tickets(2000, 1), batch_size=16, shuffle=True, collate_fn=collate)
val_loader = DataLoader(tickets(600, 2), batch_size=200, collate_fn=collate)
model = Router()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    model.train()
    total = 0.0
    for words, queue in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(words), queue)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / len(train_loader):.3f} val acc {evaluate(model, val_loader):.3f}")
