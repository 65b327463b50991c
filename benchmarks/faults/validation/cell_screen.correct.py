# healthy
from dataclasses import dataclass

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    hidden: int = 96
    lr: float = 0.05
    momentum: float = 0.9
    batch: int = 50
    epochs: int = 15
    seed: int = 3


class Trainer:
    def __init__(self, model, train_dl, val_dl, cfg):
        self.model = model
        self.train_dl = train_dl
        self.val_dl = val_dl
        self.cfg = cfg
        self.loss_fn = nn.CrossEntropyLoss()
        self.opt = torch.optim.SGD(model.parameters(), lr=cfg.lr, momentum=cfg.momentum)
        self.history = []

    def train_epoch(self):
        self.model.train()
        total = 0.0
        for xb, yb in self.train_dl:
            self.opt.zero_grad()
            loss = self.loss_fn(self.model(xb), yb)
            loss.backward()
            self.opt.step()
            total += loss.item()
        return total / len(self.train_dl)

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        correct, n = 0, 0
        for xb, yb in self.val_dl:
            correct += (self.model(xb).argmax(dim=1) == yb).sum().item()
            n += yb.numel()
        return correct / n

    def fit(self):
        for e in range(self.cfg.epochs):
            tl = self.train_epoch()
            va = self.validate()
            self.history.append((tl, va))
            print(f"epoch {e}: train_loss={tl:.4f} val_acc={va:.4f}")
        return self.history


def make_data(cfg):
    X, y = load_digits(return_X_y=True)
    X = torch.tensor(X / 16.0 - 0.3, dtype=torch.float32)
    y = torch.tensor(y)
    itr, iva = train_test_split(range(len(y)), test_size=0.3, random_state=cfg.seed, stratify=y)
    train = TensorDataset(X[itr], y[itr])
    val = TensorDataset(X[iva], y[iva])
    return DataLoader(train, batch_size=cfg.batch, shuffle=True), DataLoader(val, batch_size=200)


if __name__ == "__main__":
    cfg = Config()
    torch.manual_seed(cfg.seed)
    train_dl, val_dl = make_data(cfg)
    net = nn.Sequential(
        nn.Linear(64, cfg.hidden),
        nn.ReLU(),
        nn.Linear(cfg.hidden, cfg.hidden),
        nn.ReLU(),
        nn.Linear(cfg.hidden, 10),
    )
    hist = Trainer(net, train_dl, val_dl, cfg).fit()
    print("final val acc", hist[-1][1])
