# fault: LK406 line 47, 57
"""Route support tickets to one of eight desks with a bag-of-words network."""
import random
from collections import Counter

import torch
from torch import nn

DESKS = ["billing", "network", "printer", "access", "travel", "payroll", "hardware", "legal"]


class TicketCorpus:
    def __init__(self, size, seed):
        self.rng = random.Random(seed)
        common = [f"w{i}" for i in range(120)]
        topical = {d: [f"{d[:3]}{i}" for i in range(25)] for d in DESKS}
        self.texts, self.labels = [], []
        for i in range(size):
            desk = i % len(DESKS)
            other = self.rng.choice(DESKS)
            words = [self.rng.choice(common) for _ in range(12)]
            words += [self.rng.choice(topical[DESKS[desk]]) for _ in range(3)]
            words += [self.rng.choice(topical[other]) for _ in range(1)]
            self.rng.shuffle(words)
            self.texts.append(" ".join(words))
            self.labels.append(desk)

    def vocab(self):
        counts = Counter(w for t in self.texts for w in t.split())
        return {w: i for i, (w, _) in enumerate(counts.most_common())}


def vectorise(texts, vocab):
    m = torch.zeros(len(texts), len(vocab))
    for row, text in enumerate(texts):
        for w in text.split():
            if w in vocab:
                m[row, vocab[w]] = 1.0
    return m


class Trainer:
    def __init__(self, model, epochs, batch):
        self.model, self.epochs, self.batch = model, epochs, batch
        self.loss_fn = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
        self.scheduler = torch.optim.lr_scheduler.StepLR(self.optimizer, step_size=3, gamma=0.5)

    def run_epoch(self, x, y):
        self.model.train()
        total = 0.0
        for idx in torch.randperm(len(x)).split(self.batch):
            self.optimizer.zero_grad()
            loss = self.loss_fn(self.model(x[idx]), y[idx])
            loss.backward()
            self.optimizer.step()
            self.scheduler.step()
            total += loss.item() * len(idx)
        return total / len(x)

    def score(self, x, y):
        self.model.eval()
        with torch.no_grad():
            return (self.model(x).argmax(1) == y).float().mean().item()

    def fit(self, train, dev):
        for epoch in range(1, self.epochs + 1):
            loss = self.run_epoch(*train)
            print(f"epoch {epoch}: loss {loss:.4f}, dev accuracy {self.score(*dev):.3f}")


def main():
    torch.manual_seed(0)
    corpus, held = TicketCorpus(2400, 1), TicketCorpus(640, 2)
    vocab = corpus.vocab()
    train = vectorise(corpus.texts, vocab), torch.tensor(corpus.labels)
    dev = vectorise(held.texts, vocab), torch.tensor(held.labels)
    model = nn.Sequential(nn.Linear(len(vocab), 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, len(DESKS)))
    Trainer(model, epochs=8, batch=32).fit(train, dev)


if __name__ == "__main__":
    main()
