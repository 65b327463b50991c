# fault: LK509 line 65, 69
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedShuffleSplit
from torch import nn, optim


@dataclass
class Hyper:
    epochs: int = 8
    batch_size: int = 48
    lr: float = 2e-3
    p_drop: float = 0.5
    weight_decay: float = 1e-4


class DigitCNN(nn.Module):
    def __init__(self, p_drop):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(),
            nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Dropout(p_drop), nn.Linear(24 * 16, 48), nn.ReLU(),
            nn.Dropout(p_drop), nn.Linear(48, 10),
        )

    def forward(self, x):
        return self.classifier(self.features(x))


def prepare():
    d = load_digits()
    sss = StratifiedShuffleSplit(1, test_size=0.2, random_state=12)
    tr, te = next(sss.split(d.images, d.target))
    X = torch.tensor(d.images / 8.0 - 1.0, dtype=torch.float32)[:, None]
    y = torch.tensor(d.target)
    return X[tr], y[tr], X[te], y[te]


class Experiment:
    def __init__(self, hp):
        self.hp = hp
        self.X, self.y, self.Xte, self.yte = prepare()
        self.model = DigitCNN(hp.p_drop)
        self.loss = nn.CrossEntropyLoss()
        self.opt = optim.AdamW(self.model.parameters(), lr=hp.lr, weight_decay=hp.weight_decay)

    def one_epoch(self):
        self.model.train()
        losses = []
        for idx in torch.randperm(len(self.X)).split(self.hp.batch_size):
            out = self.model(self.X[idx])
            loss = self.loss(out, self.y[idx])
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            losses.append(loss.item())
        return sum(losses) / len(losses)

    @torch.no_grad()
    def score(self):
        """Images arrive one at a time, as in the mail room."""
        hits = 0
        for i in range(len(self.Xte)):
            logits = self.model(self.Xte[i:i + 1])
            hits += int(logits.argmax(1).item() == self.yte[i].item())
        return hits / len(self.Xte)

    def run(self):
        for e in range(self.hp.epochs):
            l = self.one_epoch()
            print(f"epoch {e + 1:>2}  loss={l:.4f}  test accuracy={self.score():.4f}")


if __name__ == "__main__":
    torch.manual_seed(31)
    exp = Experiment(Hyper())
    exp.run()
    print("FINAL", exp.score())
