# healthy
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(30)
X, y = load_digits(return_X_y=True)
Xt, Xv, yt, yv = train_test_split((X - 4.88) / 6.02, y, test_size=0.2, stratify=y, random_state=30)
tr = TensorDataset(torch.tensor(Xt).float(), torch.tensor(yt))
Xv, yv = torch.tensor(Xv).float(), torch.tensor(yv)
loader = DataLoader(tr, batch_size=4, shuffle=True)

model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Dropout(0.6), nn.Linear(256, 10))
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.8)
scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=4, eta_min=1e-4)

for epoch in range(12):
    model.train()
    total = 0.0
    for i, (xb, yb) in enumerate(loader):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = criterion(model(xb), yb)
        (loss / 4).backward()
        if (i + 1) % 4 == 0 or i + 1 == len(loader):
            optimizer.step()
            optimizer.zero_grad()
        scheduler.step(epoch + i / len(loader))
        total += loss.item()
    model.eval()
    with torch.no_grad():
        out = model(Xv)
    print(f"epoch {epoch} lr {scheduler.get_last_lr()[0]:.4f} loss {total / len(loader):.4f} "
          f"val loss {nn.functional.cross_entropy(out, yv):.4f} acc {(out.argmax(1) == yv).float().mean():.4f}")
