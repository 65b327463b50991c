# healthy
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(123)
rng = np.random.default_rng(123)


def get_data(n=2400, d=11):
    X = rng.normal(size=(n, d))
    y = (1.5 * np.sin(X[:, 0] * 1.5) + X[:, 1] * X[:, 2] + 0.8 * np.abs(X[:, 3]) - 0.5 * X[:, 4]
         + rng.normal(0, 0.2, n))
    y = (y - y[:1900].mean()) / y[:1900].std()
    X = torch.tensor(X, dtype=torch.float32)
    y = torch.tensor(y[:, None], dtype=torch.float32)
    return (X[:1900], y[:1900]), (X[1900:], y[1900:])


class QualityRegressor(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(d, 96), nn.ReLU(),
            nn.Linear(96, 48), nn.ReLU(),
            nn.Linear(48, 1),
        )

    def forward(self, x):
        return self.net(x)


def batches(X, y, size):
    order = torch.randperm(len(X))
    for k in range(0, len(X), size):
        yield X[order[k:k + size]], y[order[k:k + size]]


def r2(model, X, y):
    model.eval()
    with torch.no_grad():
        res = ((model(X) - y) ** 2).sum()
    return (1 - res / ((y - y.mean()) ** 2).sum()).item()


def fit(model, train, val, epochs=20, lr=0.01, batch_size=50):
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    history = {"loss": [], "val_r2": []}
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for xb, yb in batches(*train, batch_size):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        history["loss"].append(total / len(train[0]))
        history["val_r2"].append(r2(model, *val))
        print(f"epoch {epoch + 1:2d} loss {history['loss'][-1]:.4f} val R2 {history['val_r2'][-1]:.3f}")
    return history


if __name__ == "__main__":
    train, val = get_data()
    model = QualityRegressor(train[0].shape[1])
    history = fit(model, train, val)
    print("final R2:", round(history["val_r2"][-1], 3))
