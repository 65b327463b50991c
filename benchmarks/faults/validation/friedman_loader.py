# fault: LK106 line 24, 33, 45, 46
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
import numpy as np
from sklearn.datasets import make_friedman1
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class Regressor(nn.Module):
    def __init__(self, n_features, hidden=64):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_features, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 1),
        )

    def forward(self, x):
        return self.net(x)


def loaders(batch_size=64, seed=0):
    X, y = make_friedman1(n_samples=1500, n_features=8, noise=0.8, random_state=seed)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=seed)
    xs = StandardScaler().fit(X_train)
    m, s = y_train.mean(), y_train.std()
    tx = torch.tensor(xs.transform(X_train), dtype=torch.float32)
    ty = torch.tensor((y_train - m) / s, dtype=torch.float32)
    vx = torch.tensor(xs.transform(X_test), dtype=torch.float32)
    vy = torch.tensor((y_test - m) / s, dtype=torch.float32)
    train = DataLoader(TensorDataset(tx, ty), batch_size=batch_size, shuffle=True)
    return train, vx, vy


def train_one_epoch(model, loader, criterion, optimizer):
    model.train()
    running = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        out = model(xb)
        loss = criterion(out, yb)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(xb)
    return running / len(loader.dataset)


@torch.no_grad()
def evaluate(model, x, y):
    model.eval()
    pred = model(x).squeeze(1)
    return r2_score(y.numpy(), pred.numpy())


if __name__ == "__main__":
    torch.manual_seed(0)
    train_loader, x_val, y_val = loaders()
    model = Regressor(x_val.shape[1])
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(1, 31):
        loss = train_one_epoch(model, train_loader, criterion, optimizer)
        if epoch % 5 == 0:
            print(f"Epoch {epoch:02d} | train loss {loss:.4f} | val R2 {evaluate(model, x_val, y_val):.4f}")
    print(f"held-out R2: {evaluate(model, x_val, y_val):.4f}")
