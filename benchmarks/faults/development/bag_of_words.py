# fault: LK401 line 31
"""Sentiment-like bag of words classification, Adam."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(14)
VOCAB, DOC_LEN = 400, 25
polarity = torch.randn(VOCAB)


def documents(n):
    words = torch.randint(0, VOCAB, (n, DOC_LEN))
    score = polarity[words].sum(1) + 0.5 * torch.randn(n)
    return words, (score > 0).long()


class BowClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(VOCAB, 24, mode='mean')
        self.net = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))

    def forward(self, w):
        return self.net(self.emb(w))


train_ds, val = TensorDataset(*documents(8000)), documents(1000)
loader = DataLoader(train_ds, batch_size=100, shuffle=True)
model = BowClassifier()
optimizer = torch.optim.Adam(model.parameters(), lr=0.5)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
ce = nn.CrossEntropyLoss()

for epoch in range(10):
    model.train()
    total = 0.0
    for w, t in loader:
        optimizer.zero_grad()
        loss = ce(model(w), t)
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        out = model(val[0])
        acc = (out.argmax(1) == val[1]).float().mean().item()
        vloss = ce(out, val[1]).item()
    print(f'{epoch:2d} train {total/len(loader):.4f} val {vloss:.4f} acc {acc:.3f}')
