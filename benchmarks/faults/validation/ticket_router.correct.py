# healthy
# Route support tickets to a team from their text. Bag of words -> small MLP.
import random
from collections import Counter

import torch
from torch import nn, optim

random.seed(11)
torch.manual_seed(11)

TEAMS = {
    "billing": "invoice refund charge card payment price receipt tax discount renewal".split(),
    "login": "password reset account locked email code token login signin device".split(),
    "shipping": "parcel courier address late tracking box delivery damaged customs label".split(),
    "bugs": "crash error screen freeze button version update install slow log".split(),
    "sales": "quote demo seats plan enterprise trial contract upgrade licence offer".split(),
}
FILLER = "hello please my the a is was not i we you can could thanks since again today order team help".split()
WEIGHTS = [40, 25, 15, 12, 8]


def write_ticket():
    team = random.choices(list(TEAMS), WEIGHTS)[0]
    words = random.choices(FILLER, k=random.randint(6, 16))
    words += random.choices(TEAMS[team], k=random.randint(2, 4))
    other = random.choice(list(TEAMS))
    words += random.choices(TEAMS[other], k=1)
    random.shuffle(words)
    return " ".join(words), list(TEAMS).index(team)


tickets = [write_ticket() for _ in range(3000)]
counts = Counter(w for text, _ in tickets[:2400] for w in text.split())
vocab = {w: i for i, (w, _) in enumerate(counts.most_common(200))}


def vectorise(text):
    v = torch.zeros(len(vocab))
    for w in text.split():
        if w in vocab:
            v[vocab[w]] += 1
    return v


X = torch.stack([vectorise(t) for t, _ in tickets])
Y = torch.tensor([c for _, c in tickets])
X_train, Y_train, X_test, Y_test = X[:2400], Y[:2400], X[2400:], Y[2400:]


class TicketRouter(nn.Module):
    def __init__(self, vocab_size, hidden, n_teams):
        super().__init__()
        self.hidden = nn.Linear(vocab_size, hidden)
        self.drop = nn.Dropout(0.2)
        self.teams = nn.Linear(hidden, n_teams)

    def forward(self, bow):
        h = self.drop(torch.relu(self.hidden(bow)))
        return torch.log_softmax(self.teams(h), dim=1)


net = TicketRouter(len(vocab), 32, len(TEAMS))
loss_function = nn.NLLLoss()
opt = optim.Adam(net.parameters(), lr=2e-3)

batch = 50
for epoch in range(12):
    net.train()
    order = torch.randperm(len(X_train))
    total = 0.0
    for i in range(0, len(order), batch):
        idx = order[i:i + batch]
        opt.zero_grad()
        log_probs = net(X_train[idx])
        loss = loss_function(log_probs, Y_train[idx])
        loss.backward()
        opt.step()
        total += loss.item()
    net.eval()
    with torch.no_grad():
        acc = (net(X_test).argmax(1) == Y_test).float().mean().item()
    print("epoch", epoch, "loss", round(total / (len(order) / batch), 4), "test acc", round(acc, 4))

print("METRIC accuracy", round(acc, 4))
