# healthy
"""BERT-style masked-token pre-training on a toy grammar; only 20 % of positions count."""
import torch
import torch.nn as nn

torch.manual_seed(6)
VOCAB, MASK, LEN, DIM = 12, 11, 10, 32


def sentences(n):
    """arithmetic sequences modulo 11, so that hidden tokens follow from their neighbours"""
    start = torch.randint(0, 11, (n, 1))
    step = torch.randint(1, 3, (n, 1))
    return (start + step * torch.arange(LEN)) % 11


def corrupt(tokens):
    picked = torch.rand(tokens.shape) < 0.2
    picked[:, 0] |= ~picked.any(dim=1)
    labels = tokens.masked_fill(~picked, -100)
    return tokens.masked_fill(picked, MASK), labels


class MiniBert(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(VOCAB, DIM)
        self.pos = nn.Parameter(torch.randn(LEN, DIM) * 0.02)
        layer = nn.TransformerEncoderLayer(DIM, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(DIM)

    def forward(self, ids):
        h = self.norm(self.enc(self.tok(ids) + self.pos))
        return h @ self.tok.weight.T / DIM ** 0.5


model = MiniBert()
steps = 700
opt = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, total_steps=steps, pct_start=0.15)
ce = nn.CrossEntropyLoss(ignore_index=-100)
val_in, val_lab = corrupt(sentences(500))

for step in range(steps):
    ids, labels = corrupt(sentences(48))
    loss = ce(model(ids).flatten(0, 1), labels.flatten())
    opt.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    sched.step()
    if (step + 1) % 140 == 0:
        model.eval()
        with torch.no_grad():
            guess = model(val_in).argmax(-1)
        keep = val_lab != -100
        acc = (guess[keep] == val_lab[keep]).float().mean().item()
        model.train()
        print(f"step {step + 1} mlm loss {loss.item():.4f} masked accuracy {acc:.3f}")
