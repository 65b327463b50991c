# fault: LK301 line 14
import argparse
import json

import torch
from torch import nn
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

DEFAULTS = {
    "depth": 8,
    "width": 48,
    "activation": "sigmoid",
    "lr": 1e-3,
    "epochs": 40,
    "batch_size": 50,
}
ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "elu": nn.ELU}


def build(cfg, n_in):
    layers, size = [], n_in
    for _ in range(cfg["depth"]):
        layers += [nn.Linear(size, cfg["width"]), ACTIVATIONS[cfg["activation"]]()]
        size = cfg["width"]
    layers.append(nn.Linear(size, 1))
    return nn.Sequential(*layers)


def r2(model, x, y):
    model.eval()
    with torch.no_grad():
        resid = y - model(x)
    return 1 - (resid.pow(2).sum() / (y - y.mean()).pow(2).sum()).item()


def main():
    ap = argparse.ArgumentParser(description="Deep regressor for tabular data")
    ap.add_argument("--config", help="json file overriding the defaults")
    ap.add_argument("--seed", type=int, default=2)
    args = ap.parse_args()
    cfg = dict(DEFAULTS)
    if args.config:
        with open(args.config) as f:
            cfg.update(json.load(f))
    torch.manual_seed(args.seed)

    x, y = make_friedman1(n_samples=2000, n_features=8, noise=0.5, random_state=args.seed)
    xt, xv, yt, yv = train_test_split(x, y.reshape(-1, 1), test_size=0.25, random_state=args.seed)
    sx, sy = StandardScaler().fit(xt), StandardScaler().fit(yt)
    xt, xv, yt, yv = (torch.tensor(s.transform(a), dtype=torch.float32)
                      for s, a in ((sx, xt), (sx, xv), (sy, yt), (sy, yv)))

    model = build(cfg, xt.shape[1])
    print(model)
    opt = torch.optim.Adam(model.parameters(), lr=cfg["lr"], weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg["epochs"])
    mse = nn.MSELoss()
    for epoch in range(cfg["epochs"]):
        model.train()
        for idx in torch.randperm(len(xt)).split(cfg["batch_size"]):
            opt.zero_grad()
            loss = mse(model(xt[idx]), yt[idx])
            loss.backward()
            opt.step()
        sched.step()
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1:3d}: train R2 {r2(model, xt, yt):.3f}, validation R2 {r2(model, xv, yv):.3f}")


if __name__ == "__main__":
    main()
