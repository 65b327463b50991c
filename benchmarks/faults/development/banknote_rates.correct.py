# healthy
import argparse
import torch
import torch.nn as nn
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler


def parse():
    ap = argparse.ArgumentParser(description="Sort banknotes into denominations")
    ap.add_argument("--hidden", type=int, default=64)
    ap.add_argument("--epochs", type=int, default=30)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--learning-rate", type=float, default=0.003)
    ap.add_argument("--seed", type=int, default=8)
    return ap.parse_args()


class Classifier(nn.Module):
    def __init__(self, d, h, k):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(d, h), nn.ReLU(),
            nn.Linear(h, h), nn.ReLU(),
            nn.Linear(h, h), nn.ReLU(),
            nn.Linear(h, k),
        )

    def forward(self, x):
        return self.layers(x)


def main():
    args = parse()
    torch.manual_seed(args.seed)
    X, y = make_blobs(n_samples=2000, n_features=8, centers=14, cluster_std=3.4, random_state=args.seed)
    y = y % 7
    X = StandardScaler().fit_transform(X)
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    Xt, yt, Xv, yv = X[:1500], y[:1500], X[1500:], y[1500:]
    model = Classifier(8, args.hidden, 7)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate, weight_decay=1e-4)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        model.train()
        seen, total = 0, 0.0
        for idx in torch.randperm(len(Xt)).split(args.batch):
            optimizer.zero_grad()
            loss = loss_fn(model(Xt[idx]), yt[idx])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(idx)
            seen += len(idx)
        model.eval()
        with torch.no_grad():
            out = model(Xv)
            vloss = loss_fn(out, yv).item()
            vacc = (out.argmax(1) == yv).float().mean().item()
        if (epoch + 1) % 6 == 0:
            print(f"epoch {epoch + 1}: train {total / seen:.3f}, val {vloss:.3f}, acc {vacc:.3f}")
    print(f"accuracy: {vacc:.4f}")


if __name__ == "__main__":
    main()
