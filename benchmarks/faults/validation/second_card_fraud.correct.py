# healthy
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2)

rng = np.random.default_rng(12)
X = rng.normal(size=(9000, 12)) * rng.uniform(0.5, 30, 12)
Z = X / X.std(0)
risk = Z[:, :6] @ np.array([1.2, -0.9, 0.8, 0.7, -0.6, 0.5]) + 0.6 * Z[:, 0] * Z[:, 1]
y = (rng.random(9000) < 1 / (1 + np.exp(5.6 - risk))).astype(int)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=2)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
print("fraud share:", y_train.mean())

train_ds = TensorDataset(torch.tensor(X_train, dtype=torch.float32),
                         torch.tensor(y_train, dtype=torch.float32))
train_dl = DataLoader(train_ds, batch_size=128, shuffle=True)


class FraudNet(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_in, 12), nn.ReLU(), nn.Linear(12, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)


model = FraudNet(X_train.shape[1])
n_pos = float(y_train.sum())
pos_weight = torch.tensor((len(y_train) - n_pos) / n_pos)
criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3, weight_decay=1e-3)


def report(name):
    model.eval()
    with torch.no_grad():
        flagged = (torch.sigmoid(model(torch.tensor(X_test, dtype=torch.float32))) > 0.5).numpy()
    bal = balanced_accuracy_score(y_test, flagged)
    print(f"{name}: acc {np.mean(flagged == y_test):.3f} recall {recall_score(y_test, flagged):.3f} balanced {bal:.3f}")
    return bal


for epoch in range(8):
    model.train()
    total = 0
    for xb, yb in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: loss {total / len(train_dl):.4f}")
    if epoch % 4 == 3:
        report("test")

print("METRIC balanced_accuracy", round(report("final"), 4))
