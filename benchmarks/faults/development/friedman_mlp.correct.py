# healthy
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_friedman1
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler


class Regressor(nn.Module):
    def __init__(self, in_dim, widths=(64, 64)):
        super().__init__()
        dims = [in_dim, *widths, 1]
        layers = []
        for a, b in zip(dims[:-1], dims[1:]):
            layers += [nn.Linear(a, b), nn.ReLU()]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, x):
        return self.layers(x).squeeze(-1)


def load():
    X, y = make_friedman1(n_samples=1500, noise=0.7, random_state=5)
    xs = StandardScaler().fit(X[:1200])
    ys = StandardScaler().fit(y[:1200, None])
    X = xs.transform(X).astype(np.float32)
    y = ys.transform(y[:, None]).astype(np.float32).ravel()
    tr = TensorDataset(torch.from_numpy(X[:1200]), torch.from_numpy(y[:1200]))
    va = TensorDataset(torch.from_numpy(X[1200:]), torch.from_numpy(y[1200:]))
    return DataLoader(tr, batch_size=64, shuffle=True), DataLoader(va, batch_size=300)


def main():
    torch.manual_seed(2)
    train_loader, val_loader = load()
    model = Regressor(10)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=40)
    mse = nn.MSELoss()
    for epoch in range(40):
        model.train()
        for xb, yb in train_loader:
            loss = mse(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        model.eval()
        with torch.no_grad():
            preds, truth = zip(*[(model(xb), yb) for xb, yb in val_loader])
        preds, truth = torch.cat(preds), torch.cat(truth)
        if (epoch + 1) % 8 == 0:
            print(f"epoch {epoch+1}: val mse {mse(preds, truth):.4f}  R2 {r2_score(truth, preds):.3f}")


if __name__ == "__main__":
    main()
