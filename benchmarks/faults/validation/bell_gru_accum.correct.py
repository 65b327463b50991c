# healthy
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F

p = argparse.ArgumentParser(description="GRU: which of four bells rang most often?")
p.add_argument("--micro_batch", type=int, default=16)
p.add_argument("--accum_steps", type=int, default=4)
p.add_argument("--epochs", type=int, default=9)
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--momentum", type=float, default=0.9)
p.add_argument("--hidden", type=int, default=32)
opt = p.parse_args()

torch.manual_seed(123)
N_BELLS, SEQ = 4, 18


def sample(n):
    probs = torch.rand(n, N_BELLS) + 0.1
    x = torch.multinomial(probs / probs.sum(1, keepdim=True), SEQ, replacement=True)
    counts = F.one_hot(x, N_BELLS).sum(1)
    top2 = counts.topk(2, dim=1).values
    keep = top2[:, 0] > top2[:, 1]
    return x[keep], counts.argmax(1)[keep]


class BellCounter(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.emb = nn.Embedding(N_BELLS, 8)
        self.gru = nn.GRU(8, hidden, batch_first=True)
        self.cls = nn.Linear(hidden, N_BELLS)

    def forward(self, x):
        h, _ = self.gru(self.emb(x))
        return self.cls(h.mean(1))


xtr, ytr = sample(2000)
xva, yva = sample(600)
model = BellCounter(opt.hidden)
optimizer = torch.optim.SGD(model.parameters(), lr=opt.lr, momentum=opt.momentum)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, opt.epochs)

for epoch in range(opt.epochs):
    model.train()
    perm = torch.randperm(len(xtr))
    chunks = perm.split(opt.micro_batch)
    chunks = chunks[: len(chunks) // opt.accum_steps * opt.accum_steps]
    total = 0.0
    for step, idx in enumerate(chunks):
        loss = F.cross_entropy(model(xtr[idx]), ytr[idx])
        (loss / opt.accum_steps).backward()
        total += loss.item()
        if (step + 1) % opt.accum_steps == 0:
            optimizer.step()
            optimizer.zero_grad()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        logits = model(xva)
        val_loss = F.cross_entropy(logits, yva).item()
        acc = (logits.argmax(1) == yva).float().mean().item()
    print(f"{epoch + 1:2d} | train {total / len(chunks):.4f} | val {val_loss:.4f} | acc {acc:.3f}")

print("accuracy", acc)
