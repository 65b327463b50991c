# healthy
"""Character-ish sequence classification with a bidirectional GRU (which motif is hidden in the noise?)"""
import argparse
import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--epochs", type=int, default=12)
p.add_argument("--lr", type=float, default=3e-3)
p.add_argument("--seed", type=int, default=9)
cfg = p.parse_args()
torch.manual_seed(cfg.seed)

VOCAB, LENGTH = 12, 20
motifs = torch.randint(0, VOCAB, (5, 4))


def batch_of_sequences(n):
    seq = torch.randint(0, VOCAB, (n, LENGTH))
    cls = torch.randint(0, 5, (n,))
    pos = torch.randint(0, LENGTH - 4, (n,))
    for k in range(4):
        seq[torch.arange(n), pos + k] = motifs[cls, k]
    return seq, cls


class MotifNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 16)
        self.rnn = nn.GRU(16, 32, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(64, 5)

    def forward(self, s):
        out, _ = self.rnn(self.emb(s))
        return self.fc(out.max(dim=1).values)


train_s, train_c = batch_of_sequences(3000)
val_s, val_c = batch_of_sequences(600)
net = MotifNet()
ce = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=cfg.lr)

for epoch in range(cfg.epochs):
    net.train()
    epoch_loss = 0
    for idx in torch.randperm(len(train_s)).split(60):
        loss = ce(net(train_s[idx]), train_c[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    net.eval()
    with torch.no_grad():
        val_acc = (net(val_s).argmax(1) == val_c).float().mean().item()
    print(f"epoch {epoch:2d} | loss {epoch_loss / 50:.4f} | val acc {val_acc:.3f}")
