"""Disease progression with an L1 penalty written by hand."""

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale

torch.manual_seed(5)

X, y = load_diabetes(return_X_y=True)
X, y = torch.tensor(scale(X)).float(), torch.tensor(scale(y)).float().view(-1, 1)
train, test = slice(0, 342), slice(342, None)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(10, 32)
        self.out = torch.nn.Linear(32, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(x)))


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)

for epoch in range(30):
    for start in range(0, 342, 32):
        x, t = X[train][start : start + 32], y[train][start : start + 32]
        data_loss = torch.nn.functional.mse_loss(net(x), t)
        l1 = sum(p.abs().sum() for p in net.parameters())
        loss = data_loss + 1e-4 * l1
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, torch.nn.functional.mse_loss(net(X[test]), y[test]).item())
