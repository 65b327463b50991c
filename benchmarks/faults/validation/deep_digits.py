# fault: LK301 line 15
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HP = dict(width=64, depth=5, lr=1.5e-3, wd=1e-4, epochs=16, batch=64)


def mlp(n_in, n_out, width, depth):
    layers = []
    last = n_in
    for _ in range(depth):
        layers.append(nn.Linear(last, width))
        layers.append(nn.Sigmoid())
        last = width
    layers.append(nn.Linear(last, n_out))
    return nn.Sequential(*layers)


def load():
    d = load_digits()
    a, b, c, e = train_test_split(d.data, d.target, test_size=0.25, random_state=1, stratify=d.target)
    mean = a.mean()
    std = a.std()
    f = lambda z: torch.tensor((z - mean) / std, dtype=torch.float32)
    return f(a), torch.tensor(c), f(b), torch.tensor(e)


def step(net, opt, lossf, xb, yb):
    opt.zero_grad()
    out = net(xb)
    loss = lossf(out, yb)
    loss.backward()
    opt.step()
    return loss.item()


def main():
    torch.manual_seed(42)
    xtr, ytr, xte, yte = load()
    net = mlp(64, 10, HP["width"], HP["depth"])
    print(net)
    opt = torch.optim.Adam(net.parameters(), lr=HP["lr"], weight_decay=HP["wd"])
    lossf = nn.CrossEntropyLoss()
    for ep in range(HP["epochs"]):
        net.train()
        ls = [step(net, opt, lossf, xtr[i], ytr[i]) for i in torch.randperm(len(xtr)).split(HP["batch"])]
        net.eval()
        with torch.no_grad():
            acc = (net(xte).argmax(1) == yte).float().mean()
        print("epoch %d  loss %.4f  test acc %.4f" % (ep + 1, sum(ls) / len(ls), acc))
    print("METRIC accuracy %.4f" % acc)


main()
