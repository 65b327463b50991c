# fault: LK104 line 36
"""Predict the (x, y) position of a planar arm's gripper from three joint readings."""
import numpy as np
import torch
from torch import nn, optim
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEED = 5
EPOCHS = 60
BATCH = 64

rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

angles = rng.uniform(-1.4, 1.4, size=(2000, 3))
links = np.array([1.0, 0.8, 0.5])
cum = np.cumsum(angles, axis=1)
xy = np.stack([(links * np.cos(cum)).sum(1), (links * np.sin(cum)).sum(1)], axis=1)
xy += rng.normal(0, 0.02, xy.shape)

a_train, a_test, p_train, p_test = train_test_split(angles, xy, test_size=0.25, random_state=SEED)
in_scaler, out_scaler = StandardScaler(), StandardScaler()
a_train = torch.tensor(in_scaler.fit_transform(a_train), dtype=torch.float32)
a_test = torch.tensor(in_scaler.transform(a_test), dtype=torch.float32)
p_train = torch.tensor(out_scaler.fit_transform(p_train), dtype=torch.float32)

net = nn.Sequential(
    nn.Linear(3, 64),
    nn.Tanh(),
    nn.Linear(64, 64),
    nn.Tanh(),
    nn.Linear(64, 2),
)
loss_fn = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=3e-3)
scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)

for epoch in range(EPOCHS):
    net.train()
    order = torch.randperm(len(a_train))
    total = 0.0
    for start in range(0, len(order), BATCH):
        idx = order[start:start + BATCH]
        optimizer.zero_grad()
        loss = loss_fn(net(a_train[idx]), p_train[idx])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    scheduler.step()
    if (epoch + 1) % 10 == 0:
        net.eval()
        with torch.no_grad():
            pred = out_scaler.inverse_transform(net(a_test).numpy())
        print(f"epoch {epoch + 1:3d}  train loss {total / len(order):10.4f}  "
              f"test R2 {r2_score(p_test, pred):.4f}")

err = np.linalg.norm(pred - p_test, axis=1)
print(f"median position error: {np.median(err):.4f} m")
