# healthy
"""Micro-batches of 8 with gradients accumulated over 4 of them."""
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

ACCUM_STEPS = 4
MICRO_BATCH = 8
EPOCHS = 10

torch.manual_seed(2)

X, y = load_digits(return_X_y=True)
X_tr, X_te, y_tr, y_te = train_test_split(X / 16.0, y, test_size=0.25, stratify=y, random_state=2)
train = TensorDataset(torch.tensor(X_tr, dtype=torch.float32), torch.tensor(y_tr))
X_te, y_te = torch.tensor(X_te, dtype=torch.float32), torch.tensor(y_te)
loader = DataLoader(train, batch_size=MICRO_BATCH, shuffle=True, drop_last=True)

net = nn.Sequential(nn.Linear(64, 48), nn.LayerNorm(48), nn.GELU(), nn.Linear(48, 10))
optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
criterion = nn.CrossEntropyLoss(label_smoothing=0.05)


def test_accuracy():
    net.eval()
    with torch.no_grad():
        acc = (net(X_te).argmax(1) == y_te).float().mean().item()
    net.train()
    return acc


optimizer.zero_grad()
for epoch in range(EPOCHS):
    running = 0.0
    for step, (xb, yb) in enumerate(loader):
        loss = criterion(net(xb), yb) / ACCUM_STEPS
        loss.backward()
        running += loss.item() * ACCUM_STEPS
        if (step + 1) % ACCUM_STEPS == 0:
            optimizer.step()
            optimizer.zero_grad()
    print(f"epoch {epoch}: loss {running / len(loader):.4f}, test acc {test_accuracy():.4f}")
