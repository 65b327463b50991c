# fault: LK101 line 27
"""Breast tumour screening: benign / malignant from cell measurements."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(11)


class Screener(nn.Module):
    def __init__(self, n_features, hidden=24):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(n_features, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 12),
            nn.ReLU(),
        )
        self.out = nn.Linear(12, 1)

    def forward(self, x):
        z = self.out(self.body(x))
        return torch.sigmoid(z).squeeze(1)


def load(batch_size=32):
    X, y = load_breast_cancer(return_X_y=True)
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.25, stratify=y, random_state=4)
    sc = StandardScaler().fit(Xtr)
    as_set = lambda a, b: TensorDataset(torch.tensor(sc.transform(a), dtype=torch.float32),
                                        torch.tensor(b, dtype=torch.float32))
    return (DataLoader(as_set(Xtr, ytr), batch_size=batch_size, shuffle=True),
            DataLoader(as_set(Xva, yva), batch_size=128))


def validate(model, loader):
    model.eval()
    hits = total = 0
    with torch.no_grad():
        for xb, yb in loader:
            pred = (torch.sigmoid(model(xb)) > 0.5).float()
            hits += (pred == yb).sum().item()
            total += len(yb)
    return hits / total


def main():
    train_loader, val_loader = load()
    model = Screener(30)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    for epoch in range(20):
        model.train()
        running = 0.0
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(yb)
        if epoch % 4 == 3:
            print(f"epoch {epoch + 1:3d}  loss {running / len(train_loader.dataset):.4f}  "
                  f"val acc {validate(model, val_loader):.4f}")
    print("final val accuracy:", round(validate(model, val_loader), 4))


if __name__ == "__main__":
    main()
