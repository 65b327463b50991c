# fault: LK108 or LK201 line 51, 68
# Sequence tagger trained on partly annotated sequences: most positions carry no tag (-100).
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1)
rng = np.random.default_rng(1)

VOCAB, TAGS, LENGTH = 30, 4, 12
IGNORE = -100


def tag_sequence(tokens):
    tags = np.zeros(len(tokens), dtype=np.int64)
    for i, tok in enumerate(tokens):
        prev = tokens[i - 1] if i else 0
        tags[i] = (tok // 8 + (1 if prev % 2 else 0)) % TAGS
    return tags


def build(n, keep):
    toks = rng.integers(0, VOCAB, size=(n, LENGTH))
    tags = np.stack([tag_sequence(t) for t in toks])
    tags[rng.random(tags.shape) > keep] = IGNORE
    return torch.tensor(toks), torch.tensor(tags)


train_tokens, train_tags = build(1600, keep=0.05)
test_tokens, test_tags = build(400, keep=1.0)


class Tagger(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, dim)
        self.conv = nn.Conv1d(dim, 64, kernel_size=3, padding=1)
        self.out = nn.Linear(64, TAGS)

    def forward(self, tokens):
        e = self.embed(tokens).transpose(1, 2)
        h = F.relu(self.conv(e)).transpose(1, 2)
        return self.out(h)


def tagging_loss(logits, tags):
    flat_logits, flat_tags = logits.reshape(-1, TAGS), tags.reshape(-1)
    mask = (flat_tags != IGNORE).float()
    per_token = F.cross_entropy(flat_logits, flat_tags.clamp(min=0), reduction="none")
    return (per_token * mask).sum() / mask.sum()


def evaluate(model):
    model.eval()
    with torch.no_grad():
        return (model(test_tokens).argmax(-1) == test_tags).float().mean().item()


model = Tagger()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
BATCH = 8
for epoch in range(7):
    model.train()
    total, steps = 0.0, 0
    for idx in torch.randperm(len(train_tokens)).split(BATCH):
        optimizer.zero_grad()
        loss = tagging_loss(model(train_tokens[idx]), train_tags[idx])
        loss.backward()
        optimizer.step()
        total += loss.item()
        steps += 1
    print(f"epoch {epoch}: loss {total / steps:.4f}  test acc {evaluate(model):.4f}")
print(f"METRIC accuracy {evaluate(model):.4f}")
