# healthy
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(7)
np.random.seed(7)

N_CATEGORIES = 30

X, y = make_classification(n_samples=6000, n_features=40, n_informative=25, n_redundant=5,
                           n_classes=N_CATEGORIES, n_clusters_per_class=1,
                           class_sep=2.2, flip_y=0.01, random_state=7)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, stratify=y, random_state=0)
scaler = StandardScaler().fit(X_train)
X_train, X_val = scaler.transform(X_train), scaler.transform(X_val)

train_dl = DataLoader(TensorDataset(torch.tensor(X_train, dtype=torch.float32), torch.tensor(y_train)),
                      batch_size=64, shuffle=True)
val_dl = DataLoader(TensorDataset(torch.tensor(X_val, dtype=torch.float32), torch.tensor(y_val)),
                    batch_size=256)


class CategoryNet(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(n_in, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.ReLU(),
        )
        self.out = nn.Linear(64, n_out)

    def forward(self, x):
        x = self.body(x)
        return self.out(x)


model = CategoryNet(X.shape[1], N_CATEGORIES)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)

for epoch in range(12):
    model.train()
    total = 0.0
    for xb, yb in train_dl:
        optimizer.zero_grad()
        output = model(xb)
        loss = criterion(output, yb)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(xb)

    model.eval()
    correct, val_loss = 0, 0.0
    with torch.no_grad():
        for xb, yb in val_dl:
            output = model(xb)
            val_loss += criterion(output, yb).item() * len(xb)
            correct += (output.argmax(1) == yb).sum().item()
    print(f"epoch {epoch + 1:2d}  train loss {total / len(X_train):.4f}  "
          f"val loss {val_loss / len(X_val):.4f}  val acc {correct / len(X_val):.3f}")
