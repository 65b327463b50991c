# fault: LK404 or LK508 line 14, 15
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_digits

np.random.seed(12)
torch.manual_seed(12)
X, y = load_digits(return_X_y=True)
X = torch.tensor(X / 16.0, dtype=torch.float32)
y = torch.tensor(y)

# shuffle the data
X = X[torch.randperm(len(X))]
y = y[torch.randperm(len(y))]
n_train = 1400

model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

for epoch in range(10):
    model.train()
    for i in range(0, n_train, 64):
        xb = X[i:min(i + 64, n_train)]
        yb = y[i:min(i + 64, n_train)]
        logits = model(xb)
        loss = loss_fn(logits, yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val_logits = model(X[n_train:])
        val_loss = loss_fn(val_logits, y[n_train:]).item()
        val_acc = (val_logits.argmax(1) == y[n_train:]).float().mean().item()
    print(f"epoch {epoch}  train loss {loss.item():.3f}  val loss {val_loss:.3f}  val acc {val_acc:.3f}")
