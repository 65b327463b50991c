# fault: LK103 line 62
"""Which words of a sentence are verbs? Words such as "run" can be nouns too, depending on the word before."""
import argparse
import random

import torch
from torch import nn, optim

parser = argparse.ArgumentParser()
parser.add_argument("--emb-dim", type=int, default=24)
parser.add_argument("--hidden", type=int, default=32)
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--lr", type=float, default=3e-3)
parser.add_argument("--seed", type=int, default=3)
args = parser.parse_args()

random.seed(args.seed)
torch.manual_seed(args.seed)

DET = ["the", "a", "this", "every"]
ADJ = ["red", "small", "old", "quick"]
AMBIG = ["run", "walk", "play", "watch", "drink", "plan"]  # noun after DET/ADJ, verb otherwise
NOUN = ["dog", "girl", "child", "teacher", "friend"]
ADV = ["slowly", "often", "never", "gladly"]
vocab = {w: i for i, w in enumerate(DET + ADJ + AMBIG + NOUN + ADV)}


def noun_phrase():
    out = [(random.choice(DET), "DET")]
    if random.random() < 0.5:
        out.append((random.choice(ADJ), "ADJ"))
    out.append((random.choice(NOUN + AMBIG), "NOUN"))
    return out


def sentence(length=12):
    s = []
    while len(s) < length:
        s += noun_phrase()
        if random.random() < 0.5:
            s.append((random.choice(ADV), "ADV"))
        s.append((random.choice(AMBIG), "VERB"))
    return s[:length]


def make(n):
    xs, ys = [], []
    for _ in range(n):
        s = sentence()
        xs.append([vocab[w] for w, _ in s])
        ys.append([float(t == "VERB") for _, t in s])
    return torch.tensor(xs), torch.tensor(ys)


class Tagger(nn.Module):
    def __init__(self, n_words, emb_dim, hidden):
        super().__init__()
        self.emb = nn.Embedding(n_words, emb_dim)
        self.rnn = nn.GRU(emb_dim, hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * hidden, 1)
        self.prob = nn.Softmax(dim=-1)

    def forward(self, x):
        h, _ = self.rnn(self.emb(x))
        return self.prob(self.out(h)).squeeze(-1)


x_train, y_train = make(1500)
x_test, y_test = make(300)
model = Tagger(len(vocab), args.emb_dim, args.hidden)
criterion = nn.BCELoss()
optimizer = optim.Adam(model.parameters(), lr=args.lr)

for epoch in range(args.epochs):
    model.train()
    order = torch.randperm(len(x_train))
    running = 0.0
    for i in range(0, len(order), args.batch_size):
        idx = order[i:i + args.batch_size]
        probs = model(x_train[idx])
        loss = criterion(probs, y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        acc = ((model(x_test) > 0.5) == (y_test > 0.5)).float().mean().item()
    print(f"Epoch {epoch + 1}: loss={running / len(order):.4f} token acc={acc:.4f}")

print("test token accuracy", acc)
