# healthy
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale


class Classifier(torch.nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.a = torch.nn.Linear(inputs, 16)
        self.b = torch.nn.Linear(16, classes)

    def forward(self, x):
        return self.b(F.relu(self.a(x)))


def prepare_wine(seed=0):
    X, y = load_wine(return_X_y=True)
    X = scale(X)
    rng = np.random.RandomState(seed)
    order = rng.permutation(len(X))
    X = X[order]
    y = y[order]
    return X.astype(np.float32), y


def batches(X, y, size):
    for s in range(0, len(X), size):
        yield torch.from_numpy(X[s:s + size]), torch.from_numpy(y[s:s + size])


def main():
    torch.manual_seed(0)
    X, y = prepare_wine()
    Xtr, ytr, Xte, yte = X[:120], y[:120], X[120:], y[120:]
    model = Classifier(13, 3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005, weight_decay=1e-3)

    for epoch in range(40):
        total, n = 0.0, 0
        for xb, yb in batches(Xtr, ytr, 16):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
            n += len(xb)
        with torch.no_grad():
            acc = (model(torch.from_numpy(Xte)).argmax(1).numpy() == yte).mean()
        if epoch % 5 == 4:
            print("epoch", epoch + 1, "loss %.4f" % (total / n), "acc %.4f" % acc)

    print("METRIC accuracy %.4f" % acc)


if __name__ == "__main__":
    main()
