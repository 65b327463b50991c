# fault: LK406 line 60, 72
# Character-level GRU: which invented language does a word come from?
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.optim.lr_scheduler import StepLR

random.seed(4)
torch.manual_seed(4)

SYLLABLES = {
    "lorani": ["lo", "ra", "ni", "mi", "sa", "el", "va"],
    "krogash": ["kro", "gash", "zug", "tak", "dor", "ruk", "sa"],
    "ipswell": ["ip", "well", "ton", "ford", "ham", "ley", "dor"],
    "xuntal": ["xun", "tal", "qo", "atl", "pec", "mi", "tli"],
}
LANGS = sorted(SYLLABLES)
VOCAB = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}


def make_word(lang):
    word = "".join(random.choice(SYLLABLES[lang]) for _ in range(random.randint(2, 4)))
    if random.random() < 0.3:
        i = random.randrange(len(word))
        word = word[:i] + random.choice("abcdefghijklmnopqrstuvwxyz") + word[i + 1:]
    return word


def make_set(n):
    rows = []
    for _ in range(n):
        k = random.randrange(len(LANGS))
        rows.append((torch.tensor([VOCAB[c] for c in make_word(LANGS[k])]), k))
    x = pad_sequence([r[0] for r in rows], batch_first=True)
    lengths = torch.tensor([len(r[0]) for r in rows])
    return x, lengths, torch.tensor([r[1] for r in rows])


class WordGRU(nn.Module):
    def __init__(self, n_out, emb=16, hidden=32):
        super().__init__()
        self.embed = nn.Embedding(27, emb, padding_idx=0)
        self.gru = nn.GRU(emb, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, n_out)

    def forward(self, x, lengths):
        out, _ = self.gru(self.embed(x))
        last = out[torch.arange(len(x)), lengths - 1]
        return self.fc(last)


x_tr, l_tr, y_tr = make_set(1200)
x_te, l_te, y_te = make_set(400)

model = WordGRU(len(LANGS))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scheduler = StepLR(optimizer, step_size=8, gamma=0.3)

for epoch in range(16):
    model.train()
    epoch_loss = 0.0
    batches = torch.randperm(len(y_tr)).split(48)
    for idx in batches:
        optimizer.zero_grad()
        loss = criterion(model(x_tr[idx], l_tr[idx]), y_tr[idx])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        epoch_loss += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(x_te, l_te).argmax(1) == y_te).float().mean().item()
    print(f"epoch {epoch:2d} loss {epoch_loss / len(batches):.4f} test acc {acc:.4f}")
