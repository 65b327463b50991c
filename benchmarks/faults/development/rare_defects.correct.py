# healthy
import argparse

import numpy as np
import torch
from sklearn.datasets import make_classification
from sklearn.metrics import confusion_matrix
from torch import nn, optim


def parse():
    ap = argparse.ArgumentParser(description="find the defective parts")
    ap.add_argument("--epochs", default=8, type=int)
    ap.add_argument("--seed", default=6, type=int)
    return ap.parse_args()


class Detector(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(dim, 24), nn.ReLU(), nn.Linear(24, 2))

    def forward(self, x):
        return self.body(x)


def run(args):
    torch.manual_seed(args.seed)
    X, y = make_classification(n_samples=4000, n_features=12, n_informative=4, weights=[0.97], flip_y=0.01,
                               class_sep=0.7, random_state=args.seed)
    X, y = torch.tensor(X).float(), torch.tensor(y)
    X_tr, y_tr, X_va, y_va = X[:3000], y[:3000], X[3000:], y[3000:]
    model = Detector(12)
    criterion = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 30.0]))
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(args.epochs):
        model.train()
        for idx in torch.randperm(len(X_tr)).split(100):
            optimizer.zero_grad()
            loss = criterion(model(X_tr[idx]), y_tr[idx])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            out = model(X_va)
            val_loss = criterion(out, y_va)
        cm = confusion_matrix(y_va.numpy(), out.argmax(1).numpy(), labels=[0, 1])
        recall = cm.diagonal() / np.maximum(cm.sum(1), 1)
        print(f"epoch {epoch} val_loss {val_loss:.4f} recall ok {recall[0]:.3f} defect {recall[1]:.3f}")


if __name__ == "__main__":
    run(parse())
