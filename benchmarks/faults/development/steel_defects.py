# fault: LK509 line 45, 46
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_classification

torch.manual_seed(8)
DEFECTS = ["pit", "scratch", "crack", "patch", "scale"]


def get_loaders():
    X, y = make_classification(2500, 20, n_informative=12, n_redundant=4, n_classes=5,
                               n_clusters_per_class=1, class_sep=1.6, random_state=21)
    X = (X - X[:1900].mean(0)) / X[:1900].std(0)
    X, y = torch.from_numpy(X).float(), torch.from_numpy(y).long()
    x_test, y_test = X[1900:], y[1900:]
    order = torch.argsort(y_test)          # one folder per defect, read in turn
    test = TensorDataset(x_test[order], y_test[order])
    return (DataLoader(TensorDataset(X[:1900], y[:1900]), batch_size=64, shuffle=True),
            DataLoader(test, batch_size=20))


def build():
    return nn.Sequential(
        nn.Linear(20, 64), nn.BatchNorm1d(64), nn.ReLU(),
        nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(32, len(DEFECTS)),
    )


def train_epoch(model, loader, opt, loss_fn):
    model.train()
    total = 0.0
    for x, t in loader:
        opt.zero_grad()
        loss = loss_fn(model(x), t)
        loss.backward()
        opt.step()
        total += loss.item() * len(x)
    return total / len(loader.dataset)


def evaluate(model, loader):
    correct = np.zeros(len(DEFECTS))
    count = np.zeros(len(DEFECTS))
    with torch.no_grad():
        for x, t in loader:
            guess = model(x).argmax(1)
            for c in range(len(DEFECTS)):
                count[c] += (t == c).sum().item()
                correct[c] += ((t == c) & (guess == c)).sum().item()
    return correct.sum() / count.sum(), correct / count


def main():
    train, test = get_loaders()
    model = build()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    loss_fn = nn.CrossEntropyLoss()
    for ep in range(18):
        l = train_epoch(model, train, opt, loss_fn)
        acc, per = evaluate(model, test)
        print(f"epoch {ep:2d} loss {l:.3f} test acc {acc:.3f}")
    print(dict(zip(DEFECTS, per.round(2))))


if __name__ == "__main__":
    main()
