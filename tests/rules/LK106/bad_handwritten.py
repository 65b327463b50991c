import torch
import torch.nn as nn
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale


class MLP(nn.Module):
    def __init__(self, n_in, n_hidden=16):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_in, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1))

    def forward(self, x):
        return self.net(x)


def train(model, X, y, X_test, y_test, epochs=12, batch_size=32):
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(epochs):
        model.train()
        for i in range(0, len(X), batch_size):
            xb, yb = X[i : i + batch_size], y[i : i + batch_size]
            pred = model(xb)
            loss = ((pred - yb) ** 2).mean()  # <- fault
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            error = nn.functional.mse_loss(model(X_test)[:, 0], y_test)
        print(f"epoch {epoch}  mse {error.item():.3f}")


torch.manual_seed(0)
X, y = load_diabetes(return_X_y=True)
X, y = torch.tensor(scale(X)).float(), torch.tensor(scale(y)).float()
train(MLP(10), X[:340], y[:340], X[340:], y[340:])
