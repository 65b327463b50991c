# healthy
"""Cloud regime classifier from radiometer channels.

Each row is one pixel: brightness temperatures of nine channels plus a few
derived differences. Six regimes were labelled by hand.
"""
import argparse

import numpy as np
import torch
from sklearn.datasets import make_classification
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def load(seed):
    X, y = make_classification(
        n_samples=3000, n_features=14, n_informative=9, n_redundant=3,
        n_classes=6, n_clusters_per_class=2, class_sep=1.6, flip_y=0.0,
        random_state=seed)
    X = X * np.linspace(4.0, 20.0, 14) + 250.0
    return train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)


class RegimeNet(nn.Module):
    def __init__(self, channels, regimes, width=64):
        super().__init__()
        self.fc1 = nn.Linear(channels, width)
        self.fc2 = nn.Linear(width, width)
        self.out = nn.Linear(width, regimes)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return torch.log_softmax(self.out(x), dim=1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=25)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--seed", type=int, default=11)
    args = p.parse_args()
    torch.manual_seed(args.seed)

    Xtr, Xva, ytr, yva = load(args.seed)
    scaler = StandardScaler().fit(Xtr)
    Xtr = torch.tensor(scaler.transform(Xtr), dtype=torch.float32)
    Xva = torch.tensor(scaler.transform(Xva), dtype=torch.float32)
    train = DataLoader(TensorDataset(Xtr, torch.tensor(ytr)), batch_size=64, shuffle=True)

    net = RegimeNet(14, 6)
    criterion = nn.NLLLoss()
    opt = torch.optim.Adam(net.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        net.train()
        running = 0.0
        for xb, yb in train:
            opt.zero_grad()
            loss = criterion(net(xb), yb)
            loss.backward()
            opt.step()
            running += loss.item() * len(xb)
        net.eval()
        with torch.no_grad():
            guess = net(Xva).argmax(1).numpy()
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1:2d}  train loss {running / len(Xtr):.4f}  "
                  f"val acc {accuracy_score(yva, guess):.3f}  "
                  f"macro F1 {f1_score(yva, guess, average='macro'):.3f}")


if __name__ == "__main__":
    main()
