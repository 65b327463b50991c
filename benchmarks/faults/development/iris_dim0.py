# fault: LK103 line 20
import numpy as np
import torch
from sklearn.datasets import load_iris
from torch import nn
import torch.nn.functional as F

torch.manual_seed(3)
np.random.seed(3)


class IrisNet(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.l1 = nn.Linear(4, hidden)
        self.l2 = nn.Linear(hidden, 3)

    def forward(self, x):
        z = self.l2(torch.tanh(self.l1(x)))
        return F.log_softmax(z, dim=0)


data = load_iris()
X = (data.data - data.data.mean(0)) / data.data.std(0)
idx = np.random.permutation(150)
X, Y = torch.tensor(X[idx], dtype=torch.float), torch.tensor(data.target[idx])
Xtr, Ytr, Xva, Yva = X[:110], Y[:110], X[110:], Y[110:]

net = IrisNet()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
nll = nn.NLLLoss()
for epoch in range(30):
    net.train()
    order = torch.randperm(len(Xtr))
    for i in range(0, len(Xtr), 10):
        b = order[i:i + 10]
        out = net(Xtr[b])
        loss = nll(out, Ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        net.eval()
        with torch.no_grad():
            out = net(Xva)
            acc = (out.argmax(1) == Yva).float().mean()
        print("epoch", epoch + 1, "loss %.3f" % loss.item(), "val acc %.3f" % acc.item())
