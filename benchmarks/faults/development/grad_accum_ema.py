# healthy
"""Gradient accumulation (8 x 16) with an EMA copy that is used for evaluation."""
import torch
import torch.nn as nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(16)
X, y = load_digits(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X / 16 - 0.3, y, test_size=0.2, random_state=16)
Xa, Xb, ya, yb = torch.tensor(Xa).float(), torch.tensor(Xb).float(), torch.tensor(ya), torch.tensor(yb)
model = nn.Sequential(nn.Linear(64, 80), nn.GELU(), nn.LayerNorm(80), nn.Dropout(0.2), nn.Linear(80, 10))
ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
ACC = 8
for epoch in range(20):
    model.train()
    tot = n = 0
    opt.zero_grad()
    chunks = torch.randperm(len(Xa)).split(16)
    chunks = chunks[:len(chunks) // ACC * ACC]
    for k, i in enumerate(chunks):
        loss = nn.functional.cross_entropy(model(Xa[i]), ya[i])
        (loss / ACC).backward()
        tot, n = tot + loss.item(), n + 1
        if (k + 1) % ACC == 0:
            opt.step()
            opt.zero_grad()
            ema.update_parameters(model)
    ema.eval()
    with torch.no_grad():
        print('%2d train %.4f ema acc %.3f' % (epoch, tot / n, (ema(Xb).argmax(1) == yb).float().mean()))
