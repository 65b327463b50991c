# fault: LK101 line 52
"""Slot tagging for short command sentences with a BiLSTM (port of my old Keras model)."""
import argparse
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--embed-dim", type=int, default=24)
parser.add_argument("--blstm-dim", type=int, default=32)
parser.add_argument("--lr", type=float, default=3e-3)
args = parser.parse_args([])

random.seed(3)
torch.manual_seed(3)

VOCAB, TAGS, LEN = 120, 24, 12
word_tag = torch.randint(0, TAGS // 2, (VOCAB,))


def make_sentences(n):
    words = torch.randint(2, VOCAB, (n, LEN))
    trigger = torch.rand(n, LEN) < 0.25
    words[trigger] = 1
    tags = word_tag[words].clone()
    after = torch.zeros_like(trigger)
    after[:, 1:] = trigger[:, :-1]
    tags[after] = tags[after] + TAGS // 2
    return words, tags


train_loader = DataLoader(TensorDataset(*make_sentences(1500)), batch_size=32, shuffle=True)
valid_words, valid_tags = make_sentences(400)


class Tagger(nn.Module):
    def __init__(self, vocab, embed_dim, hidden, n_tags):
        super().__init__()
        self.embed = nn.Embedding(vocab, embed_dim)
        self.blstm = nn.LSTM(embed_dim, hidden, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * hidden, n_tags)

    def forward(self, x):
        x = self.embed(x)
        x = F.dropout(x, p=0.1, training=self.training)
        x, _ = self.blstm(x)
        x = self.fc(x)
        return F.softmax(x, dim=-1)


model = Tagger(VOCAB, args.embed_dim, args.blstm_dim, TAGS)
optimizer = torch.optim.RMSprop(model.parameters(), lr=args.lr)
criterion = nn.CrossEntropyLoss()

for epoch in range(1, args.epochs + 1):
    model.train()
    running = 0.0
    for words, tags in train_loader:
        optimizer.zero_grad()
        out = model(words)
        loss = criterion(out.reshape(-1, TAGS), tags.reshape(-1))
        loss.backward()
        optimizer.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        out = model(valid_words)
        val_loss = criterion(out.reshape(-1, TAGS), valid_tags.reshape(-1)).item()
        acc = (out.argmax(-1) == valid_tags).float().mean().item()
    print(f"Epoch {epoch}: train {running / len(train_loader):.4f}  val {val_loss:.4f}  token acc {acc:.3f}")
