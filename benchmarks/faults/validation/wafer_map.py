# fault: LK203 line 9, 44, 46
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(8)
np.random.seed(8)

DTYPE = torch.float16
SIZE = 12
KINDS = ["ring", "scratch", "corner", "centre"]


def draw(kind):
    img = np.random.rand(SIZE, SIZE) * 0.6
    yy, xx = np.mgrid[:SIZE, :SIZE]
    cy, cx = SIZE / 2 + np.random.randn(2) * 0.7
    r = np.hypot(yy - cy, xx - cx)
    if kind == "ring":
        img[np.abs(r - 4) < 0.8] += 0.5
    elif kind == "scratch":
        k = np.random.uniform(-1, 1)
        img[np.abs((yy - cy) - k * (xx - cx)) < 0.8] += 0.5
    elif kind == "corner":
        img[:5, :5] += 0.4
    else:
        img[r < 2.2] += 0.5
    return img


labels = np.random.randint(0, 4, 1600)
maps = np.stack([draw(KINDS[k]) for k in labels])[:, None]
maps = (maps - maps.mean()) / maps.std()
x = torch.tensor(maps, dtype=DTYPE)
y = torch.tensor(labels)
x_train, y_train, x_val, y_val = x[:1200], y[:1200], x[1200:], y[1200:]

model = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(24 * 9, 32), nn.ReLU(),
    nn.Linear(32, 4),
).to(DTYPE)

optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()


def fit(epochs, batch_size=40):
    for epoch in range(epochs):
        model.train()
        seen, total, right = 0, 0.0, 0
        for ids in torch.randperm(len(x_train)).split(batch_size):
            optimizer.zero_grad()
            out = model(x_train[ids])
            loss = loss_fn(out, y_train[ids])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(ids)
            right += (out.argmax(1) == y_train[ids]).sum().item()
            seen += len(ids)
        print(f"Epoch {epoch}: loss={total / seen:.4f} acc={right / seen:.3f}")


fit(10)
model.eval()
with torch.no_grad():
    val_acc = (model(x_val).argmax(1) == y_val).float().mean().item()
print(f"METRIC accuracy {val_acc:.4f}")
