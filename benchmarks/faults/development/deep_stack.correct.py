# healthy
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

CONFIG = {
    "width": 64,
    "depth": 6,
    "activation": "relu",
    "lr": 0.01,
    "momentum": 0.9,
    "epochs": 15,
    "batch": 50,
}
ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


def build(cfg, n_in, n_out):
    act = ACTIVATIONS[cfg["activation"]]
    layers, d = [], n_in
    for _ in range(cfg["depth"]):
        layers += [nn.Linear(d, cfg["width"]), act()]
        d = cfg["width"]
    layers.append(nn.Linear(d, n_out))
    net = nn.Sequential(*layers)
    for m in net:
        if isinstance(m, nn.Linear):
            nn.init.kaiming_normal_(m.weight)
            nn.init.zeros_(m.bias)
    return net


def run(cfg):
    torch.manual_seed(1234)
    X, y = load_digits(return_X_y=True)
    X = (X - 4.9) / 6.0
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.2, stratify=y, random_state=7)
    Xtr, Xva = torch.tensor(Xtr).float(), torch.tensor(Xva).float()
    ytr, yva = torch.tensor(ytr), torch.tensor(yva)
    net = build(cfg, 64, 10)
    opt = torch.optim.SGD(net.parameters(), lr=cfg["lr"], momentum=cfg["momentum"])
    loss_fn = nn.CrossEntropyLoss()
    for ep in range(cfg["epochs"]):
        perm = torch.randperm(len(Xtr))
        for s in range(0, len(perm), cfg["batch"]):
            j = perm[s:s + cfg["batch"]]
            loss = loss_fn(net(Xtr[j]), ytr[j])
            opt.zero_grad()
            loss.backward()
            opt.step()
        if ep % 5 == 4:
            with torch.no_grad():
                out = net(Xva)
                print(f"epoch {ep + 1}: train {loss.item():.4f} val {loss_fn(out, yva).item():.4f} "
                      f"acc {(out.argmax(1) == yva).float().mean().item():.4f}")


if __name__ == "__main__":
    run(CONFIG)
