# fault: LK305 line 23, 35
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(4)
np.random.seed(4)


def spirals(n, arms=3):
    t = np.sqrt(np.random.rand(n)) * 3.0
    arm = np.random.randint(0, arms, n)
    ang = t * 2.2 + arm * 2 * np.pi / arms
    xy = np.stack([t * np.cos(ang), t * np.sin(ang)], 1) / 1.5 + np.random.normal(0, 0.05, (n, 2))
    return torch.tensor(xy, dtype=torch.float32), torch.tensor(arm)


class DeepMLP(nn.Module):
    def __init__(self, in_dim, width, depth, n_classes):
        super().__init__()
        dims = [in_dim] + [width] * depth
        self.hidden = [nn.Linear(a, b) for a, b in zip(dims[:-1], dims[1:])]
        self.relu = nn.ReLU()
        self.out = nn.Linear(width, n_classes)

    def forward(self, x):
        for layer in self.hidden:
            x = self.relu(layer(x))
        return self.out(x)


model = DeepMLP(in_dim=2, width=48, depth=3, n_classes=3)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.004)

train_loader = DataLoader(TensorDataset(*spirals(2400)), batch_size=60, shuffle=True)
x_val, y_val = spirals(600)

best = 0.0
for epoch in range(25):
    model.train()
    losses = []
    for x, y in train_loader:
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        logits = model(x_val)
        acc = (logits.argmax(-1) == y_val).float().mean().item()
        vl = loss_fn(logits, y_val).item()
    best = max(best, acc)
    print(f"epoch {epoch:2d}: train loss {np.mean(losses):.4f}, val loss {vl:.4f}, val acc {acc:.3f}")
print("best val acc", round(best, 3))
