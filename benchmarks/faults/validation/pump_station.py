# fault: LK505 line 16, 23, 26
import numpy as np
import torch
from torch import nn

torch.manual_seed(30)
rs = np.random.RandomState(30)

# --- telemetry -------------------------------------------------------------
N = 2500
pressure = rs.normal(101325, 1800, N)       # Pa
rpm = rs.normal(2900, 140, N)
temp = rs.normal(318, 6, N)                 # K
vibration = rs.gamma(2.0, 0.02, N)          # mm
current = rs.normal(12.5, 1.1, N)
telemetry = np.column_stack([pressure, rpm, temp, vibration, current])

score = (1.3 * (temp - 318) / 6 + 1.1 * (vibration - 0.04) / 0.028
         - 0.9 * (current - 12.5) / 1.1 * (rpm - 2900) / 140 + 0.4 * (pressure - 101325) / 1800)
state = np.digitize(score + rs.normal(0, 0.35, N), [-0.8, 0.8])

n_train = 1900
X_train, X_test = telemetry[:n_train], telemetry[n_train:]
y_train, y_test = state[:n_train], state[n_train:]

X_train = torch.as_tensor(X_train, dtype=torch.float32)
X_test = torch.as_tensor(X_test, dtype=torch.float32)
y_train = torch.as_tensor(y_train)
y_test = torch.as_tensor(y_test)

# --- model -----------------------------------------------------------------
clf = nn.Sequential(
    nn.Linear(5, 40),
    nn.ReLU(),
    nn.Linear(40, 20),
    nn.ReLU(),
    nn.Linear(20, 3),
)
criterion = nn.CrossEntropyLoss()
opt = torch.optim.Adam(clf.parameters(), lr=3e-3)

# --- train -----------------------------------------------------------------
for epoch in range(20):
    clf.train()
    perm = torch.randperm(n_train)
    losses = []
    for k in range(0, n_train, 50):
        sel = perm[k:k + 50]
        opt.zero_grad()
        loss = criterion(clf(X_train[sel]), y_train[sel])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    clf.eval()
    with torch.no_grad():
        test_acc = (clf(X_test).argmax(1) == y_test).float().mean().item()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, test acc {test_acc:.3f}")

print(f"METRIC accuracy {test_acc:.4f}")
