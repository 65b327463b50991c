# healthy
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset


class Regressor(nn.Module):
    def __init__(self, n_in, width=96, depth=3):
        super().__init__()
        blocks = [nn.Linear(n_in, width), nn.ReLU()]
        for _ in range(depth - 1):
            blocks += [nn.Linear(width, width), nn.ReLU()]
        blocks.append(nn.Linear(width, 1))
        self.net = nn.Sequential(*blocks)
        self.apply(self._init_weights)

    @staticmethod
    def _init_weights(m):
        if isinstance(m, nn.Linear):
            nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
            nn.init.zeros_(m.bias)

    def forward(self, x):
        return self.net(x).squeeze(-1)


class RegressionTrainer:
    def __init__(self, model, lr, epochs, patience=None):
        self.model, self.epochs = model, epochs
        self.criterion = nn.SmoothL1Loss()
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=1e-2)
        self.history = []

    def step(self, batch):
        x, y = batch
        loss = self.criterion(self.model(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def fit(self, train_dl, val):
        for epoch in range(self.epochs):
            self.model.train()
            losses = [self.step(b) for b in train_dl]
            r2 = self.r2(*val)
            self.history.append((np.mean(losses), r2))
            print(f"epoch={epoch + 1} train_loss={np.mean(losses):.4f} val_r2={r2:.4f}")

    def r2(self, x, y):
        self.model.eval()
        with torch.no_grad():
            p = self.model(x)
        return 1 - (((p - y) ** 2).mean() / y.var()).item()


def main():
    torch.manual_seed(3)
    X, y = make_friedman1(n_samples=3000, n_features=8, noise=0.5, random_state=3)
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.2, random_state=3)
    xs, ys = StandardScaler().fit(X_tr), StandardScaler().fit(y_tr[:, None])
    f = lambda a: torch.tensor(a, dtype=torch.float32)
    X_tr, X_va = f(xs.transform(X_tr)), f(xs.transform(X_va))
    y_tr, y_va = f(ys.transform(y_tr[:, None])[:, 0]), f(ys.transform(y_va[:, None])[:, 0])
    train_dl = DataLoader(TensorDataset(X_tr, y_tr), batch_size=64, shuffle=True)
    trainer = RegressionTrainer(Regressor(X_tr.shape[1]), lr=1e-3, epochs=15)
    trainer.fit(train_dl, (X_va, y_va))
    print("final R2: {:.4f}".format(trainer.history[-1][1]))


if __name__ == "__main__":
    main()
