# healthy
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

config = {
    "model": {"hidden": [96, 48], "dropout": 0.1},
    "optim": {"name": "sgd", "lr": 5e-2, "momentum": 0.9, "weight_decay": 1e-4},
    "train": {"epochs": 20, "batch_size": 32},
    "seed": 2024,
}


def build_model(n_in, n_out, cfg):
    layers = []
    for h in cfg["hidden"]:
        layers += [nn.Linear(n_in, h), nn.ReLU(), nn.Dropout(cfg["dropout"])]
        n_in = h
    layers.append(nn.Linear(n_in, n_out))
    return nn.Sequential(*layers)


def build_optimizer(params, cfg):
    if cfg["name"] == "sgd":
        return torch.optim.SGD(params, lr=cfg["lr"], momentum=cfg["momentum"], weight_decay=cfg["weight_decay"])
    if cfg["name"] == "adam":
        return torch.optim.Adam(params, lr=cfg["lr"], weight_decay=cfg["weight_decay"])
    raise ValueError(cfg["name"])


def iterate(X, y, batch_size):
    perm = torch.randperm(len(X))
    for i in range(0, len(X), batch_size):
        j = perm[i:i + batch_size]
        yield X[j], y[j]


def main():
    torch.manual_seed(config["seed"])
    data = load_digits()
    X = torch.tensor(data.data / 16.0, dtype=torch.float32)
    y = torch.tensor(data.target)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, random_state=0, stratify=y)

    model = build_model(X.shape[1], 10, config["model"])
    optimizer = build_optimizer(model.parameters(), config["optim"])
    loss_func = nn.CrossEntropyLoss()

    history = {"loss": [], "val_loss": [], "val_acc": []}
    for epoch in range(config["train"]["epochs"]):
        model.train()
        running, seen = 0.0, 0
        for xb, yb in iterate(X_train, y_train, config["train"]["batch_size"]):
            optimizer.zero_grad()
            loss = loss_func(model(xb), yb)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(xb)
            seen += len(xb)
        model.eval()
        with torch.no_grad():
            logits = model(X_val)
            val_loss = loss_func(logits, y_val).item()
            val_acc = accuracy_score(y_val, logits.argmax(1))
        history["loss"].append(running / seen)
        history["val_loss"].append(val_loss)
        history["val_acc"].append(val_acc)
        print(f"Epoch {epoch + 1}/{config['train']['epochs']} loss: {running / seen:.4f} "
              f"val_loss: {val_loss:.4f} val_acc: {val_acc:.4f}")
    print("best val_acc", max(history["val_acc"]), "last", history["val_acc"][-1])


if __name__ == "__main__":
    main()
