# healthy
# Fine-tune only the head: the backbone learned parity/size of digits, the head learns the digit.
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(5)
d = load_digits()
x = torch.tensor(d.images).float().unsqueeze(1) / 16
y = torch.tensor(d.target)
perm = torch.randperm(len(y))
tr, va = perm[:1400], perm[1400:]

backbone = nn.Sequential(nn.Conv2d(1, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(24, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
aux = nn.Linear(192, 3)
opt = torch.optim.Adam([*backbone.parameters(), *aux.parameters()], lr=2e-3)
for ep in range(6):
    for b in tr[torch.randperm(1400)].split(50):
        t = y[b] % 3
        loss = F.cross_entropy(aux(backbone(x[b])), t)
        opt.zero_grad(); loss.backward(); opt.step()
print('pretraining loss', round(loss.item(), 4))

backbone.eval()
for p in backbone.parameters():
    p.requires_grad_(False)
head = nn.Sequential(nn.Dropout(0.1), nn.Linear(192, 10))
opt = torch.optim.AdamW(head.parameters(), lr=5e-3, weight_decay=1e-2)
for ep in range(20):
    head.train()
    tot = 0.0
    for b in tr[torch.randperm(1400)].split(50):
        loss = F.cross_entropy(head(backbone(x[b])), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b)
    head.eval()
    with torch.no_grad():
        acc = (head(backbone(x[va])).argmax(1) == y[va]).float().mean().item()
    if ep % 4 == 3:
        print(f'head epoch {ep+1} loss {tot/1400:.4f} val acc {acc:.3f}')
