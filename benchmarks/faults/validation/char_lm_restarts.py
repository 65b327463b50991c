# healthy
"""Character model with cosine warm restarts. Text comes from a random phrase grammar, so part of
every next character is a coin toss and the loss levels off well above zero."""
import math
import random

import torch
import torch.nn as nn

random.seed(0)
torch.manual_seed(0)

SUBJ = ["the cat", "a dog", "our cook", "the old man", "my sister"]
VERB = ["sees", "likes", "paints", "follows", "forgets"]
OBJ = ["the moon", "a river", "some bread", "that song", "the train"]


def sentence():
    return f"{random.choice(SUBJ)} {random.choice(VERB)} {random.choice(OBJ)}. "


text = "".join(sentence() for _ in range(1500))
chars = sorted(set(text))
stoi = {c: i for i, c in enumerate(chars)}
ids = torch.tensor([stoi[c] for c in text])
cut = int(0.9 * len(ids))
train_ids, val_ids = ids[:cut], ids[cut:]


class CharGRU(nn.Module):
    def __init__(self, n, emb=24, hid=64):
        super().__init__()
        self.emb = nn.Embedding(n, emb)
        self.rnn = nn.GRU(emb, hid, batch_first=True)
        self.out = nn.Linear(hid, n)

    def forward(self, x, h=None):
        o, h = self.rnn(self.emb(x), h)
        return self.out(o), h


def get_batch(src, bs=32, length=40):
    s = torch.randint(0, len(src) - length - 1, (bs,))
    x = torch.stack([src[i:i + length] for i in s])
    y = torch.stack([src[i + 1:i + length + 1] for i in s])
    return x, y


@torch.no_grad()
def validate(model, n=8):
    model.eval()
    tot = 0.0
    for _ in range(n):
        x, y = get_batch(val_ids)
        tot += loss_fn(model(x)[0].flatten(0, 1), y.flatten()).item()
    model.train()
    return tot / n


@torch.no_grad()
def generate(model, prompt="the ", n=80):
    model.eval()
    h, out = None, prompt
    x = torch.tensor([[stoi[c] for c in prompt]])
    for _ in range(n):
        logits, h = model(x, h)
        x = torch.multinomial(logits[:, -1].softmax(-1), 1)
        out += chars[x.item()]
    model.train()
    return out


model = CharGRU(len(chars))
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.AdamW(model.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=60, T_mult=2, eta_min=1e-4)
for step in range(1, 421):
    x, y = get_batch(train_ids)
    loss = loss_fn(model(x)[0].flatten(0, 1), y.flatten())
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    sched.step()
    if step % 60 == 0:
        print(f"step {step} lr {sched.get_last_lr()[0]:.5f} train {loss.item():.3f} val {validate(model):.3f}")
print(generate(model))
v = validate(model, 20)
print(f"METRIC val_loss {v:.4f} ppl {math.exp(v):.3f}")
