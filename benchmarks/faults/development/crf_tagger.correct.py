# healthy
"""Linear-chain CRF on top of a BiGRU for tagging long token sequences."""
import torch
import torch.nn as nn

torch.manual_seed(13)
N_TAGS, VOCAB, LENGTH = 5, 30, 50


def make_corpus(n):
    """Sticky tag sequences; each tag emits its own (overlapping) range of words."""
    tags = torch.zeros(n, LENGTH, dtype=torch.long)
    tags[:, 0] = torch.randint(0, N_TAGS, (n,))
    for t in range(1, LENGTH):
        stay = torch.rand(n) < 0.8
        tags[:, t] = torch.where(stay, tags[:, t - 1], torch.randint(0, N_TAGS, (n,)))
    words = (tags * 5 + torch.randint(0, 10, (n, LENGTH))) % VOCAB
    return words, tags


class CRF(nn.Module):
    def __init__(self, n_tags):
        super().__init__()
        self.trans = nn.Parameter(torch.zeros(n_tags, n_tags))

    def path_score(self, emit, tags):
        s = emit.gather(2, tags.unsqueeze(2)).squeeze(2).sum(1)
        return s + self.trans[tags[:, :-1], tags[:, 1:]].sum(1)

    def log_partition(self, emit):
        alpha = emit[:, 0]
        for t in range(1, emit.size(1)):
            alpha = torch.logsumexp(alpha.unsqueeze(2) + self.trans, dim=1) + emit[:, t]
        return torch.logsumexp(alpha, dim=1)

    def nll(self, emit, tags):
        return (self.log_partition(emit) - self.path_score(emit, tags)).mean() / emit.size(1)

    @torch.no_grad()
    def viterbi(self, emit):
        score, back = emit[:, 0], []
        for t in range(1, emit.size(1)):
            best, arg = (score.unsqueeze(2) + self.trans).max(dim=1)
            score = best + emit[:, t]
            back.append(arg)
        path = [score.argmax(1)]
        for arg in reversed(back):
            path.append(arg.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        return torch.stack(path[::-1], dim=1)


class Tagger(nn.Module):
    def __init__(self, dim=24, hidden=24):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, dim)
        self.rnn = nn.GRU(dim, hidden, batch_first=True, bidirectional=True)
        self.emit = nn.Linear(2 * hidden, N_TAGS)
        self.crf = CRF(N_TAGS)

    def emissions(self, words):
        return self.emit(self.rnn(self.emb(words))[0])


train_w, train_t = make_corpus(400)
dev_w, dev_t = make_corpus(100)
model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(8):
    model.train()
    total, batches = 0.0, 0
    for idx in torch.randperm(len(train_w)).split(25):
        loss = model.crf.nll(model.emissions(train_w[idx]), train_t[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, batches = total + loss.item(), batches + 1
    model.eval()
    pred = model.crf.viterbi(model.emissions(dev_w))
    print(f"epoch {epoch + 1}  nll/token {total / batches:.4f}  dev tag accuracy {(pred == dev_t).float().mean():.4f}")
