# healthy
"""Residual tower for tabular regression (no batch statistics, so it can run on single rows)."""
import torch
from sklearn.datasets import make_friedman1
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(13)


class ResidualTower(nn.Module):
    def __init__(self, features, width=48, depth=24):
        super().__init__()
        self.lift = nn.Linear(features, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))
            for _ in range(depth))
        self.read = nn.Linear(width, 1)
        for block in self.blocks:
            for layer in (block[0], block[2]):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)

    def forward(self, x):
        h = self.lift(x)
        for block in self.blocks:
            h = h + block(h) / len(self.blocks)
        return self.read(h).squeeze(-1)


def main():
    X, y = make_friedman1(2400, n_features=10, noise=0.5, random_state=13)
    X = torch.tensor((X - 0.5) / 0.29, dtype=torch.float32)
    y = torch.tensor((y - y[:1800].mean()) / y[:1800].std(), dtype=torch.float32)
    loader = DataLoader(TensorDataset(X[:1800], y[:1800]), batch_size=50, shuffle=True)
    tower = ResidualTower(10)
    optimiser = torch.optim.SGD(tower.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=15)
    for epoch in range(15):
        tower.train()
        total = 0.0
        for xb, yb in loader:
            loss = nn.functional.mse_loss(tower(xb), yb)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(yb)
        plan.step()
        tower.eval()
        with torch.no_grad():
            err = nn.functional.mse_loss(tower(X[1800:]), y[1800:]).item()
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1:2d} train {total / 1800:.4f} val mse {err:.4f} "
                  f"val R2 {1 - err / y[1800:].var(unbiased=False).item():.3f}")


if __name__ == "__main__":
    main()
