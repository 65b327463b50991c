# fault: LK508 line 49
"""Sentence polarity with a bidirectional GRU encoder."""
from dataclasses import dataclass

import torch
import torch.nn as nn


@dataclass
class Config:
    vocab: int = 200
    seq_len: int = 12
    emb: int = 16
    hidden: int = 24
    batch: int = 50
    epochs: int = 8
    lr: float = 6e-3
    seed: int = 11


cfg = Config()
torch.manual_seed(cfg.seed)


def sample_reviews(n):
    ids = torch.randint(10, cfg.vocab, (n, cfg.seq_len))
    polarity = torch.zeros(cfg.vocab)
    polarity[10:40] = 1.0
    polarity[40:70] = -1.0
    negated = torch.zeros(n, cfg.seq_len)
    neg_pos = torch.rand(n, cfg.seq_len) < 0.1
    ids[neg_pos] = 3
    negated[:, 1:] = neg_pos[:, :-1].float()
    score = (polarity[ids] * (1 - 2 * negated)).sum(1)
    keep = score != 0
    return ids[keep], (score[keep] > 0).long()


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(cfg.vocab, cfg.emb)
        self.rnn = nn.GRU(cfg.emb, cfg.hidden, batch_first=True, bidirectional=True)

    def forward(self, ids):
        batch = ids.size(0)
        _, h_n = self.rnn(self.emb(ids))
        # (2, batch, hidden) -> (batch, 2 * hidden)
        return h_n.reshape(batch, 2 * cfg.hidden)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(2 * cfg.hidden, 2))

    def forward(self, ids):
        return self.head(self.encoder(ids))


def run_epoch(model, ids, labels, criterion, optimizer=None):
    training = optimizer is not None
    model.train(training)
    order = torch.randperm(len(ids)) if training else torch.arange(len(ids))
    loss_sum, correct = 0.0, 0
    with torch.set_grad_enabled(training):
        for idx in order.split(cfg.batch):
            logits = model(ids[idx])
            loss = criterion(logits, labels[idx])
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(idx)
            correct += (logits.argmax(1) == labels[idx]).sum().item()
    return loss_sum / len(ids), correct / len(ids)


if __name__ == "__main__":
    x_train, y_train = sample_reviews(4000)
    x_val, y_val = sample_reviews(900)
    model = Classifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    criterion = nn.CrossEntropyLoss()
    best = 0.0
    for epoch in range(cfg.epochs):
        tr_loss, tr_acc = run_epoch(model, x_train, y_train, criterion, optimizer)
        va_loss, va_acc = run_epoch(model, x_val, y_val, criterion)
        best = max(best, va_acc)
        print(f"[{epoch:02d}] train {tr_loss:.3f}/{tr_acc:.3f}  val {va_loss:.3f}/{va_acc:.3f}")
    print("best val acc", round(best, 3))
