# healthy
"""Small CNN with mixup and strong label smoothing, bfloat16 autocast."""
import argparse

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


def conv_block(i, o, pool):
    layers = [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
    return layers + ([nn.MaxPool2d(2)] if pool else [])


class SmallCNN(nn.Sequential):
    def __init__(self):
        super().__init__(*conv_block(1, 16, True), *conv_block(16, 32, True),
                         nn.Flatten(), nn.Linear(32 * 4, 10))


def mixup(x, y, alpha):
    lam = float(np.random.beta(alpha, alpha))
    j = torch.randperm(len(x))
    return lam * x + (1 - lam) * x[j], y, y[j], lam


def parse():
    ap = argparse.ArgumentParser()
    ap.add_argument("--alpha", type=float, default=0.4)
    ap.add_argument("--smoothing", type=float, default=0.3)
    ap.add_argument("--epochs", type=int, default=18)
    ap.add_argument("--lr", type=float, default=4e-3)
    ap.add_argument("--batch-size", type=int, default=50)
    return ap.parse_args()


def main():
    args = parse()
    torch.manual_seed(0)
    np.random.seed(0)
    d = load_digits()
    X = torch.tensor(d.images / 16.0, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(d.target)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=1)
    loader = DataLoader(TensorDataset(X_tr, y_tr), args.batch_size, shuffle=True, drop_last=True)
    model = SmallCNN()
    crit = nn.CrossEntropyLoss(label_smoothing=args.smoothing)
    opt = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.02)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=args.lr, total_steps=args.epochs * len(loader))
    for epoch in range(1, args.epochs + 1):
        model.train()
        run_loss, run_acc = 0.0, 0.0
        for x, t in loader:
            x, ta, tb, lam = mixup(x, t, args.alpha)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(x)
            logits = logits.float()
            loss = lam * crit(logits, ta) + (1 - lam) * crit(logits, tb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            pred = logits.argmax(1)
            run_acc += (lam * (pred == ta).float() + (1 - lam) * (pred == tb).float()).mean().item()
            run_loss += loss.item()
        model.eval()
        with torch.no_grad():
            out = model(X_te)
            test_loss = crit(out, y_te).item()
            test_acc = (out.argmax(1) == y_te).float().mean().item()
        print(f"epoch {epoch:2d} train loss {run_loss / len(loader):.4f} acc {run_acc / len(loader):.3f} | "
              f"test loss {test_loss:.4f} acc {test_acc:.4f}")


if __name__ == "__main__":
    main()
