# healthy
"""Tell pulsar candidates from noise by the statistics of their profiles."""
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class Config:
    epochs = 20
    batch_size = 40
    lr = 0.05
    hidden = 40
    seed = 23


def get_tensors(cfg):
    X, y = make_classification(n_samples=2500, n_features=16, n_informative=8, n_redundant=2, n_classes=3,
                               n_clusters_per_class=2, class_sep=1.6, flip_y=0.01, random_state=cfg.seed)
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
    scaler = StandardScaler().fit(X_tr)
    f = lambda a: torch.tensor(scaler.transform(a), dtype=torch.float32)
    return f(X_tr), torch.tensor(y_tr), f(X_va), torch.tensor(y_va)


def train_epoch(model, optimizer, criterion, X, y, cfg):
    model.train()
    running_loss = 0.0
    for rows in torch.randperm(len(X)).split(cfg.batch_size):
        optimizer.zero_grad()
        output = model(X[rows])
        loss = criterion(output, y[rows])
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * len(rows)
    return running_loss / len(X)


def validate(model, criterion, X, y):
    model.eval()
    with torch.no_grad():
        output = model(X)
        return criterion(output, y).item(), (output.argmax(1) == y).float().mean().item()


def main():
    cfg = Config()
    torch.manual_seed(cfg.seed)
    X_tr, y_tr, X_va, y_va = get_tensors(cfg)
    model = nn.Sequential(nn.Linear(16, cfg.hidden), nn.ReLU(),
                          nn.Linear(cfg.hidden, cfg.hidden), nn.ReLU(), nn.Linear(cfg.hidden, 3))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=cfg.lr, weight_decay=1e-3)
    for epoch in range(cfg.epochs):
        train_loss = train_epoch(model, optimizer, criterion, X_tr, y_tr, cfg)
        val_loss, val_acc = validate(model, criterion, X_va, y_va)
        print(f"Epoch {epoch + 1:02d} | train {train_loss:.4f} | val {val_loss:.4f} | acc {val_acc:.4f}")


if __name__ == "__main__":
    main()
