"""Disease progression as a share of its range, from a sigmoid that spans just that."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import minmax_scale, scale
from torch import nn


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(10, 16)
        self.l2 = nn.Linear(16, 1)

    def forward(self, x):
        x = F.relu(self.l1(x))
        x = torch.sigmoid(self.l2(x))
        return x.squeeze(-1)


def main():
    torch.manual_seed(0)
    X, y = load_diabetes(return_X_y=True)
    X, y = torch.tensor(scale(X)).float(), torch.tensor(minmax_scale(y)).float()
    order = torch.randperm(len(X))
    train, test = order[:340], order[340:]
    net = Regressor()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(20):
        net.train()
        for batch in train[torch.randperm(len(train))].split(32):
            opt.zero_grad()
            F.mse_loss(net(X[batch]), y[batch]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            error = F.mse_loss(net(X[test]), y[test])
        print(epoch, error.item())


if __name__ == "__main__":
    main()
