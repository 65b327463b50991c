# healthy
"""Regression with uncertainty: dropout is deliberately left on when predicting (Monte Carlo dropout)."""
import torch
from sklearn.datasets import make_friedman2
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(4, 100), nn.ReLU(), nn.Dropout(0.1),
            nn.Linear(100, 100), nn.ReLU(), nn.Dropout(0.1),
            nn.Linear(100, 1))

    def forward(self, x):
        return self.layers(x)


@torch.no_grad()
def predict(net, x, samples=40):
    net.train()
    draws = torch.stack([net(x) for _ in range(samples)])
    return draws.mean(0), draws.std(0)


def main():
    torch.manual_seed(52)
    X, y = make_friedman2(n_samples=2000, noise=60.0, random_state=0)
    sx, sy = StandardScaler().fit(X[:1500]), StandardScaler().fit(y[:1500, None])
    X = torch.tensor(sx.transform(X), dtype=torch.float32)
    y = torch.tensor(sy.transform(y[:, None]), dtype=torch.float32)
    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-3)
    loss_fn = nn.HuberLoss()
    net.train()
    for epoch in range(40):
        for rows in torch.randperm(1500).split(50):
            opt.zero_grad()
            loss = loss_fn(net(X[rows]), y[rows])
            loss.backward()
            opt.step()
        if epoch % 8 == 7:
            mean, std = predict(net, X[1500:])
            inside = ((mean - y[1500:]).abs() < 2 * (std ** 2 + 0.15 ** 2).sqrt()).float().mean()
            print(f"epoch {epoch + 1} loss {loss.item():.4f} val R2 {r2_score(y[1500:], mean):.4f} covered {inside:.3f}")


main()
