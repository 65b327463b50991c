# healthy
"""Train a tiny causal language model on prompt/answer pairs, loss on the answers only."""
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

PAD, SEP, EOS = 0, 1, 2
FIRST = 3


@dataclass
class Config:
    vocab: int = 19
    dim: int = 64
    max_len: int = 24
    batch_size: int = 4
    lr: float = 2e-3
    epochs: int = 6
    seed: int = 11


def make_pairs(n, rng):
    pairs = []
    for _ in range(n):
        length = rng.choice([4, 6, 8, 10, 14, 24, 26, 30])
        prompt = [rng.randrange(FIRST, 19) for _ in range(length)]
        answer = [max(prompt[:3]), prompt[0], EOS]
        pairs.append((prompt, answer))
    return pairs


def encode(pair, cfg):
    prompt, answer = pair
    ids = prompt + [SEP] + answer
    labels = [-100] * (len(prompt) + 1) + answer
    return ids[: cfg.max_len], labels[: cfg.max_len]


def collate(batch):
    width = max(len(ids) for ids, _ in batch)
    ids = torch.full((len(batch), width), PAD)
    labels = torch.full((len(batch), width), -100)
    for row, (i, l) in enumerate(batch):
        ids[row, : len(i)] = torch.tensor(i)
        labels[row, : len(l)] = torch.tensor(l)
    return ids, labels


class TinyLM(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok = nn.Embedding(cfg.vocab, cfg.dim)
        self.rnn = nn.GRU(cfg.dim, cfg.dim, batch_first=True)
        self.head = nn.Linear(cfg.dim, cfg.vocab)

    def forward(self, ids):
        h, _ = self.rnn(self.tok(ids))
        return self.head(h)


def answer_loss(logits, labels):
    mask = (labels != -100).float()
    per_token = F.cross_entropy(logits.transpose(1, 2), labels.clamp(min=0), reduction="none")
    return (per_token * mask).sum() / mask.sum()


def answer_accuracy(model, loader):
    model.eval()
    hit = total = 0
    with torch.no_grad():
        for ids, labels in loader:
            pred = model(ids)[:, :-1].argmax(-1)
            gold = labels[:, 1:]
            keep = gold != -100
            hit += (pred[keep] == gold[keep]).sum().item()
            total += keep.sum().item()
    return hit / total


def main(cfg):
    torch.manual_seed(cfg.seed)
    rng = random.Random(cfg.seed)
    train = [encode(p, cfg) for p in make_pairs(1500, rng)]
    train = [s for s in train if any(label != -100 for label in s[1])]
    valid = [encode(p, cfg) for p in make_pairs(300, rng) if len(p[0]) < 20]
    train_loader = DataLoader(train, cfg.batch_size, shuffle=True, collate_fn=collate)
    valid_loader = DataLoader(valid, 32, collate_fn=collate)
    model = TinyLM(cfg)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        model.train()
        running = 0.0
        for ids, labels in train_loader:
            logits = model(ids)
            loss = answer_loss(logits[:, :-1], labels[:, 1:])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            running += loss.item()
        acc = answer_accuracy(model, valid_loader)
        print(f"epoch {epoch + 1} loss {running / len(train_loader):.3f} answer token accuracy {acc:.3f}")


if __name__ == "__main__":
    main(Config())
