# fault: LK301 line 11
"""Deep fully connected classifier for 8x8 handwritten digits."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split
from sklearn.datasets import load_digits

CONFIG = {
    "width": 48,
    "depth": 8,
    "activation": "sigmoid",
    "lr": 0.02,
    "momentum": 0.9,
    "epochs": 25,
    "batch_size": 64,
}

ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}


def build(cfg, n_in, n_out):
    layers = []
    width = n_in
    for _ in range(cfg["depth"]):
        linear = nn.Linear(width, cfg["width"])
        nn.init.xavier_normal_(linear.weight)
        nn.init.zeros_(linear.bias)
        layers += [linear, ACTIVATIONS[cfg["activation"]]()]
        width = cfg["width"]
    layers.append(nn.Linear(width, n_out))
    return nn.Sequential(*layers)


def accuracy(net, loader):
    net.eval()
    good = n = 0
    with torch.no_grad():
        for x, y in loader:
            good += (net(x).argmax(dim=1) == y).sum().item()
            n += y.numel()
    net.train()
    return good / n


def main(cfg):
    torch.manual_seed(1234)
    digits = load_digits()
    data = torch.tensor(digits.data, dtype=torch.float32)
    data = (data - 8.0) / 8.0
    full = TensorDataset(data, torch.tensor(digits.target))
    train_set, val_set = random_split(full, [1400, len(full) - 1400])
    train_loader = DataLoader(train_set, cfg["batch_size"], shuffle=True)
    val_loader = DataLoader(val_set, 256)

    net = build(cfg, 64, 10)
    print(sum(p.numel() for p in net.parameters()), "parameters")
    optimizer = torch.optim.SGD(net.parameters(), lr=cfg["lr"], momentum=cfg["momentum"])
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(cfg["epochs"]):
        total = 0.0
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(net(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        if (epoch + 1) % 5 == 0:
            print(f"epoch {epoch + 1}: loss={total / len(train_set):.4f} val_acc={accuracy(net, val_loader):.4f}")
    print("val accuracy", round(accuracy(net, val_loader), 4))


main(CONFIG)
