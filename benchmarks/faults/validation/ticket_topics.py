# fault: LK102 line 64, 71
"""Route support tickets to a team from the words they contain."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

random.seed(3)
torch.manual_seed(3)

TEAMS = {
    "billing": "invoice refund charge card payment receipt tax price discount subscription".split(),
    "login": "password reset account locked token email verify session signin username".split(),
    "shipping": "parcel delivery courier late address tracking box warehouse customs return".split(),
    "bugs": "crash error freeze screen update version button slow log exception".split(),
}
FILLER = "the a my is was please help hello i have not again today since with and for can you it".split()
names = list(TEAMS)
vocab = {"<pad>": 0}
for w in FILLER + [w for ws in TEAMS.values() for w in ws]:
    vocab.setdefault(w, len(vocab))


def make_ticket():
    team = random.randrange(len(names))
    words = random.choices(FILLER, k=random.randint(6, 14))
    words += random.choices(TEAMS[names[team]], k=random.randint(2, 4))
    other = random.randrange(len(names))
    words += random.choices(TEAMS[names[other]], k=1)
    random.shuffle(words)
    return " ".join(words), team


class Tickets(Dataset):
    def __init__(self, n):
        self.rows = [make_ticket() for _ in range(n)]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        text, team = self.rows[i]
        return torch.tensor([vocab[w] for w in text.split()]), team


def collate(batch):
    seqs, teams = zip(*batch)
    return pad_sequence(seqs, batch_first=True), torch.tensor(teams)


class TextClassifier(nn.Module):
    def __init__(self, n_words, dim=32, n_out=4):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.fc1 = nn.Linear(dim, 32)
        self.fc2 = nn.Linear(32, n_out)

    def forward(self, ids):
        mask = (ids > 0).unsqueeze(-1).float()
        pooled = (self.emb(ids) * mask).sum(1) / mask.sum(1)
        h = torch.relu(self.fc1(pooled))
        return self.fc2(h)


train_loader = DataLoader(Tickets(3000), batch_size=32, shuffle=True, collate_fn=collate)
test_loader = DataLoader(Tickets(800), batch_size=100, collate_fn=collate)

net = TextClassifier(len(vocab))
loss_fn = nn.NLLLoss()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)

for epoch in range(6):
    net.train()
    running = 0.0
    for ids, team in train_loader:
        opt.zero_grad()
        loss = loss_fn(net(ids), team)
        loss.backward()
        opt.step()
        running += loss.item()
    net.eval()
    hits = total = 0
    with torch.no_grad():
        for ids, team in test_loader:
            pred = net(ids).argmax(dim=1)
            hits += (pred == team).sum().item()
            total += len(team)
    print("epoch %d loss %.4f test accuracy %.3f" % (epoch, running / len(train_loader), hits / total))
