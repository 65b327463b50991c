# healthy
"""Padded sequence tagging with ignore_index, packed LSTM and clipping."""
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(34)
V, PAD = 15, -100


def make(n, L=14):
    ln = torch.randint(4, L + 1, (n,)).sort(descending=True).values
    s = torch.randint(1, V, (n, L))
    prev = torch.cat([torch.zeros(n, 1, dtype=torch.long), s[:, :-1]], 1)
    t = ((s + prev) % 3)
    m = torch.arange(L)[None] >= ln[:, None]
    return s.masked_fill(m, 0), t.masked_fill(m, PAD), ln


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(V, 16, padding_idx=0)
        self.r = nn.LSTM(16, 40, batch_first=True)
        self.o = nn.Linear(40, 3)

    def forward(self, s, ln):
        h, _ = self.r(pack_padded_sequence(self.e(s), ln, batch_first=True))
        h, _ = pad_packed_sequence(h, batch_first=True, total_length=s.size(1))
        return self.o(h)


tr, va = [make(32) for _ in range(60)], make(300)
net = Tagger()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
ce = nn.CrossEntropyLoss(ignore_index=PAD)
for ep in range(12):
    tot = 0.0
    for s, t, ln in tr:
        loss = ce(net(s, ln).transpose(1, 2), t)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        tot += loss.item() / len(tr)
    with torch.no_grad():
        m = va[1] != PAD
        acc = (net(va[0], va[2]).argmax(-1) == va[1])[m].float().mean().item()
    print('epoch', ep, 'loss %.4f' % tot, 'tag accuracy %.3f' % acc)
