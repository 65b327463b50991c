# healthy
"""Train only on the reply tokens: prompt and padding positions are labelled -100."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1)

CONFIG = """
vocab: 40
d_model: 48
max_len: 24
batch_size: 4
steps: 700
lr: 0.003
"""
cfg = {k.strip(): float(v) for k, v in (line.split(":") for line in CONFIG.strip().splitlines())}
V, D, L, B = int(cfg["vocab"]), int(cfg["d_model"]), int(cfg["max_len"]), int(cfg["batch_size"])
SEP, PAD = 1, 0


def make_chat(g):
    """prompt of random tokens, SEP, then the reply counts on from the last prompt token."""
    n = int(torch.randint(3, 7, (1,), generator=g))
    prompt = torch.randint(2, V, (n,), generator=g)
    # some conversations in the dump have a long system header
    header = torch.full((int(torch.randint(0, 36, (1,), generator=g)),), 2)
    reply = (prompt[-1:] + torch.arange(1, 5)) % (V - 2) + 2
    seq = torch.cat([header, prompt, torch.tensor([SEP]), reply])
    start = len(header) + n + 1
    return seq, start


def collate(chats):
    ids = torch.full((len(chats), L), PAD)
    labels = torch.full((len(chats), L), -100)
    for r, (seq, start) in enumerate(chats):
        cut = seq[:L]
        ids[r, :len(cut)] = cut
        if start < L:
            labels[r, start:len(cut)] = cut[start:]
    return ids, labels


class TinyLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(V, D, padding_idx=PAD)
        self.rnn = nn.GRU(D, D, batch_first=True)
        self.head = nn.Linear(D, V)

    def forward(self, ids):
        h, _ = self.rnn(self.tok(ids))
        return self.head(h)


g = torch.Generator().manual_seed(2)
train = [make_chat(g) for _ in range(2000)]
valid = [make_chat(g) for _ in range(300)]
model = TinyLM()
opt = torch.optim.AdamW(model.parameters(), lr=cfg["lr"], weight_decay=0.01)

for step in range(int(cfg["steps"])):
    pick = torch.randint(0, len(train), (B,), generator=g).tolist()
    ids, labels = collate([train[i] for i in pick])
    logits = model(ids)
    targets = labels[:, 1:]
    mask = (targets != -100).float()
    token_loss = F.cross_entropy(logits[:, :-1].transpose(1, 2), targets.clamp(min=0), reduction="none")
    loss = (token_loss * mask).sum() / mask.sum().clamp(min=1)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    if (step + 1) % 100 == 0:
        model.eval()
        with torch.no_grad():
            vi, vl = collate(valid)
            guess = model(vi)[:, :-1].argmax(-1)
            keep = vl[:, 1:] != -100
            acc = (guess[keep] == vl[:, 1:][keep]).float().mean().item()
        model.train()
        print(f"step {step + 1} loss {loss.item():.4f} reply token acc {acc:.3f}")
