# fault: LK501 line 43
"""Disease progression after one year, from ten baseline variables."""
import copy
import torch
from torch import nn
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

torch.manual_seed(31)


def prepare():
    X, y = load_diabetes(return_X_y=True)
    a, b, c, d = train_test_split(X, y, test_size=0.3, random_state=31)
    xm, xs, ym, ys = a.mean(0), a.std(0), c.mean(), c.std()
    f = lambda v: torch.tensor(v, dtype=torch.float32)
    return f((a - xm) / xs), f((c - ym) / ys), f((b - xm) / xs), f((d - ym) / ys)


class Net(nn.Module):
    def __init__(self, width=128):
        super().__init__()
        self.seq = nn.Sequential(
            nn.Linear(10, width), nn.ReLU(),
            nn.Linear(width, width), nn.ReLU(),
            nn.Linear(width, 1),
        )

    def forward(self, x):
        return self.seq(x)[:, 0]


def score(model, x, y):
    model.eval()
    with torch.no_grad():
        residual = y - model(x)
    return float(1 - residual.pow(2).sum() / (y - y.mean()).pow(2).sum())


def fit(model, x, y, xv, yv, epochs=300, batch=32, patience=15):
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    crit = nn.MSELoss()
    for epoch in range(epochs):
        model.train()
        for i in torch.randperm(len(x)).split(batch):
            opt.zero_grad()
            crit(model(x[i]), y[i]).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            tr, va = crit(model(x), y).item(), crit(model(xv), yv).item()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1:3d}  train mse {tr:.4f}  val mse {va:.4f}")
    return model


x, y, xv, yv = prepare()
model = fit(Net(), x, y, xv, yv)
print("train R2 %.3f" % score(model, x, y))
print("val R2 %.3f" % score(model, xv, yv))
