# healthy
"""Will a patient come back within 30 days?  Columns of the export:
id | age | stays | drugs | lab score | days in ward | glucose | emergency | readmitted
"""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def read_export(n=1600, seed=3):
    r = np.random.default_rng(seed)
    age = r.normal(62, 14, n)
    stays = r.poisson(1.4, n)
    drugs = r.poisson(9, n)
    lab = r.normal(0, 1, n)
    days = r.gamma(2, 2.5, n)
    glucose = r.normal(6.4, 1.7, n)
    emergency = r.integers(0, 2, n)
    score = (0.05 * (age - 62) + 0.9 * (stays - 1.4) + 0.15 * (drugs - 9) + 0.9 * lab
             + 0.2 * (days - 5) + 0.9 * (emergency - 0.5))
    readmitted = (score + r.logistic(0, 1.0, n) > 0).astype(float)
    return np.column_stack([np.arange(n), age, stays, drugs, lab, days, glucose, emergency, readmitted])


class Features:
    def __init__(self, table, n_train):
        columns = table[:, 1:-1]
        self.mean = columns[:n_train].mean(axis=0)
        self.std = columns[:n_train].std(axis=0)
        self.values = ((columns - self.mean) / self.std).astype(np.float32)
        self.target = table[:, -1].astype(np.float32)


def main():
    torch.manual_seed(3)
    table = read_export()
    n_train = 1200
    data = Features(table, n_train)
    X, y = torch.from_numpy(data.values), torch.from_numpy(data.target)
    loader = DataLoader(TensorDataset(X[:n_train], y[:n_train]), batch_size=40, shuffle=True)
    model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(25):
        model.train()
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(yb)
        model.eval()
        with torch.no_grad():
            logit = model(X[n_train:]).squeeze(1)
            acc = ((logit > 0).float() == y[n_train:]).float().mean().item()
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: loss {total / n_train:.4f}  val accuracy {acc:.4f}")
    print("val accuracy", round(acc, 4))


if __name__ == "__main__":
    main()
