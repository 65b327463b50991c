# fault: LK405 line 22, 65
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(0)
torch.manual_seed(0)

SUBJ = ["the cat", "a dog", "my sister", "the teacher", "an old man"]
VERB = ["sees", "likes", "follows", "paints", "remembers"]
OBJ = ["the moon", "a red boat", "his garden", "two birds", "the river"]
END = ["today.", "every night.", "again.", "with joy."]
text = " ".join(" ".join(random.choice(p) for p in (SUBJ, VERB, OBJ, END)) for _ in range(900))
chars = sorted(set(text))
stoi = {c: i for i, c in enumerate(chars)}
data = torch.tensor([stoi[c] for c in text])
split = int(0.9 * len(data))
train_data, val_data = data[:split], data[split:]

BLOCK, BATCH = 32, 32
MAX_ITERS = 40
EVAL_EVERY = MAX_ITERS // 5


def get_batch(source):
    ix = torch.randint(len(source) - BLOCK - 1, (BATCH,))
    x = torch.stack([source[i:i + BLOCK] for i in ix])
    y = torch.stack([source[i + 1:i + BLOCK + 1] for i in ix])
    return x, y


class CharLM(nn.Module):
    def __init__(self, vocab, emb=24, hidden=64):
        super().__init__()
        self.emb = nn.Embedding(vocab, emb)
        self.rnn = nn.GRU(emb, hidden, batch_first=True)
        self.head = nn.Linear(hidden, vocab)

    def forward(self, x, targets=None):
        h, _ = self.rnn(self.emb(x))
        logits = self.head(h)
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)), targets.reshape(-1))
        return logits, loss


@torch.no_grad()
def estimate():
    model.eval()
    losses, hits = [], []
    for _ in range(10):
        x, y = get_batch(val_data)
        logits, loss = model(x, y)
        losses.append(loss.item())
        hits.append((logits.argmax(-1) == y).float().mean().item())
    model.train()
    return sum(losses) / 10, sum(hits) / 10


model = CharLM(len(chars))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)

for it in range(1, MAX_ITERS + 1):
    xb, yb = get_batch(train_data)
    _, loss = model(xb, yb)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if it % EVAL_EVERY == 0:
        val_loss, val_acc = estimate()
        print(f"iter {it}: train loss {loss.item():.3f} val loss {val_loss:.3f} next-char accuracy {val_acc:.3f}")
