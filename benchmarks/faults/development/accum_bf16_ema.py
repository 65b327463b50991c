# healthy
"""bf16 autocast, micro-batches of 4 accumulated 8 times, and an EMA copy for evaluation."""
import copy
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

torch.manual_seed(16)
MICRO, ACCUM, DECAY = 4, 8, 0.98


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        return x + self.ff(self.norm(x))


X, y = load_breast_cancer(return_X_y=True)
Xt, Xv, yt, yv = train_test_split(X, y, test_size=0.3, stratify=y, random_state=2)
m, s = Xt.mean(0), Xt.std(0)
Xt, Xv = (torch.tensor((a - m) / s, dtype=torch.float32) for a in (Xt, Xv))
yt, yv = torch.tensor(yt), torch.tensor(yv)

model = nn.Sequential(nn.Linear(30, 24), Block(24), nn.LayerNorm(24), nn.Linear(24, 2))
ema = copy.deepcopy(model).requires_grad_(False)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
loader = DataLoader(TensorDataset(Xt, yt), batch_size=MICRO, shuffle=True, drop_last=True)
criterion = nn.CrossEntropyLoss()


@torch.no_grad()
def update_ema():
    for e, w in zip(ema.parameters(), model.parameters()):
        e.lerp_(w, 1 - DECAY)


for epoch in range(10):
    model.train()
    total = 0.0
    optimizer.zero_grad()
    for i, (xb, yb) in enumerate(loader, start=1):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(xb)
        loss = criterion(logits.float(), yb) / ACCUM
        loss.backward()
        total += loss.item() * ACCUM
        if i % ACCUM == 0:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            update_ema()
    ema.eval()
    with torch.no_grad():
        acc = (ema(Xv).argmax(1) == yv).float().mean().item()
    if epoch % 2 == 1:
        print(f"epoch {epoch + 1}: loss {total / len(loader):.4f} ema val acc {acc:.4f}")
print("ema val accuracy", round(acc, 4))
