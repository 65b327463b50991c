# healthy
"""Skip-gram with negative sampling over job adverts; sparse embeddings, one optimiser for each table."""
import torch
from torch import nn
import torch.nn.functional as F

GROUPS, PER_GROUP, DIM = 8, 20, 16
VOCAB = GROUPS * PER_GROUP


def adverts(n, gen):
    group = torch.randint(0, GROUPS, (n, 1), generator=gen)
    words = group * PER_GROUP + torch.randint(0, PER_GROUP, (n, 6), generator=gen)
    stray = torch.randint(0, VOCAB, (n, 6), generator=gen)
    return torch.where(torch.rand(n, 6, generator=gen) < 0.15, stray, words)


def pairs(docs):
    left, right = [], []
    for i in range(docs.shape[1]):
        for j in range(docs.shape[1]):
            if i != j:
                left.append(docs[:, i])
                right.append(docs[:, j])
    return torch.cat(left), torch.cat(right)


@torch.no_grad()
def neighbour_purity(table, k=5):
    v = F.normalize(table.weight, dim=1)
    sim = v @ v.T
    sim.fill_diagonal_(-2)
    near = sim.topk(k, dim=1).indices
    group = torch.arange(VOCAB) // PER_GROUP
    return (group[near] == group[:, None]).float().mean().item()


torch.manual_seed(70)
gen = torch.Generator().manual_seed(0)
centre, context = pairs(adverts(1500, gen))
word = nn.Embedding(VOCAB, DIM, sparse=True)
ctx = nn.Embedding(VOCAB, DIM, sparse=True)
nn.init.normal_(word.weight, std=0.3)
nn.init.zeros_(ctx.weight)
opt_word = torch.optim.SparseAdam(word.parameters(), lr=0.01)
opt_ctx = torch.optim.SparseAdam(ctx.parameters(), lr=0.01)
for epoch in range(6):
    total, n = 0.0, 0
    for rows in torch.randperm(len(centre)).split(256):
        c = word(centre[rows])
        pos = (c * ctx(context[rows])).sum(1)
        neg = torch.einsum("bd,bkd->bk", c, ctx(torch.randint(0, VOCAB, (len(rows), 5))))
        loss = -F.logsigmoid(pos).mean() - F.logsigmoid(-neg).sum(1).mean()
        opt_word.zero_grad()
        opt_ctx.zero_grad()
        loss.backward()
        opt_word.step()
        opt_ctx.step()
        total, n = total + loss.item(), n + 1
    print(f"epoch {epoch} loss {total / n:.4f} neighbour purity {neighbour_purity(word):.4f}")
