# fault: LK503 line 52
"""Card fraud: a few percent of the payments are fraudulent."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(6)


def payments(n=6000, share=0.04):
    rng = np.random.default_rng(60)
    y = (rng.random(n) < share).astype(int)
    X = rng.normal(size=(n, 10))
    X[:, :5] += 0.85 * y[:, None]
    X[:, 5] *= 1 + 0.5 * y
    X = X * rng.uniform(0.5, 20, 10) + rng.uniform(-5, 40, 10)
    return train_test_split(X, y, test_size=0.3, stratify=y, random_state=6)


def tensors(X, y):
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


class FraudNet(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.fc1 = nn.Linear(d, 16)
        self.fc2 = nn.Linear(16, 1)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x))).squeeze(1)


def report(model, X, y):
    model.eval()
    with torch.no_grad():
        flag = (model(X) > 0).int().numpy()
    return balanced_accuracy_score(y, flag), recall_score(y, flag)


def main():
    Xtr, Xva, ytr, yva = payments()
    sc = StandardScaler().fit(Xtr)
    Xtr, ytr = tensors(sc.transform(Xtr), ytr)
    Xva, yva = tensors(sc.transform(Xva), yva)
    loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=128, shuffle=True)
    model = FraudNet(Xtr.shape[1])
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    for epoch in range(24):
        model.train()
        s = 0.0
        for xb, yb in loader:
            opt.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            opt.step()
            s += loss.item()
        if epoch % 6 == 5:
            bal, caught = report(model, Xva, yva)
            print(f"epoch {epoch + 1}: loss {s / len(loader):.4f} balanced acc {bal:.4f} recall {caught:.4f}")
    print("balanced accuracy", round(report(model, Xva, yva)[0], 4))


if __name__ == "__main__":
    main()
