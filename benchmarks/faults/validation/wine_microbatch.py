# healthy
"""Very small device: two samples fit at a time, so gradients are accumulated over 16 micro-batches."""
from dataclasses import dataclass

import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Settings:
    micro_batch: int = 2
    accumulate: int = 16
    epochs: int = 20
    lr: float = 0.02
    momentum: float = 0.9
    seed: int = 5


class Net(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_in, 24), nn.LayerNorm(24), nn.GELU(), nn.Linear(24, n_out))

    def forward(self, x):
        return self.net(x)


class AccumulatingTrainer:
    def __init__(self, model, settings):
        self.model = model
        self.s = settings
        self.criterion = nn.CrossEntropyLoss(reduction="sum")
        self.optimizer = torch.optim.SGD(model.parameters(), lr=settings.lr, momentum=settings.momentum,
                                         weight_decay=5e-3)

    def flush(self, n_seen):
        for p in self.model.parameters():
            p.grad.div_(n_seen)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def fit_epoch(self, loader):
        self.model.train()
        total, seen, pending = 0.0, 0, 0
        for k, (x, y) in enumerate(loader, 1):
            loss = self.criterion(self.model(x), y)
            loss.backward()
            total += loss.item()
            seen += len(y)
            pending += len(y)
            if k % self.s.accumulate == 0:
                self.flush(pending)
                pending = 0
        if pending:
            self.flush(pending)
        return total / seen

    @torch.no_grad()
    def evaluate(self, x, y):
        self.model.eval()
        out = self.model(x)
        return self.criterion(out, y).item() / len(y), (out.argmax(1) == y).float().mean().item()


def main():
    s = Settings()
    torch.manual_seed(s.seed)
    X, y = load_wine(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, stratify=y, random_state=s.seed)
    sc = StandardScaler().fit(X_tr)
    as_x = lambda a: torch.tensor(sc.transform(a), dtype=torch.float32)
    loader = DataLoader(TensorDataset(as_x(X_tr), torch.tensor(y_tr)), batch_size=s.micro_batch, shuffle=True)
    trainer = AccumulatingTrainer(Net(13, 3), s)
    for epoch in range(s.epochs):
        tl = trainer.fit_epoch(loader)
        vl, va = trainer.evaluate(as_x(X_te), torch.tensor(y_te))
        print(f"epoch {epoch + 1}: train {tl:.4f} test {vl:.4f} acc {va:.3f}")


if __name__ == "__main__":
    main()
