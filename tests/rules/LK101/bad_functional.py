import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--lr", type=float, default=0.02)
args = parser.parse_args()

torch.manual_seed(3)
data = load_iris()
order = torch.randperm(150)
X = torch.tensor(scale(data.data)).float()[order]
y = torch.tensor(data.target)[order]
X_train, y_train, X_test, y_test = X[:110], y[:110], X[110:], y[110:]


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.hidden = nn.Linear(4, 16)
        self.out = nn.Linear(16, 3)

    def forward(self, x):
        x = torch.tanh(self.hidden(x))
        return F.softmax(self.out(x), dim=-1)  # <- fault


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    net.train()
    optimizer.zero_grad()
    output = net(X_train)
    loss = F.cross_entropy(output, y_train)
    loss.backward()
    optimizer.step()
    net.eval()
    with torch.no_grad():
        output = net(X_test)
        test_loss = F.cross_entropy(output, y_test)
        accuracy = (output.argmax(1) == y_test).float().mean().item()
print("test loss %.3f, accuracy %.3f" % (test_loss, accuracy))
