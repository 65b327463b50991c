# fault: LK102 line 42
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

SEED, EPOCHS, BATCH, LR = 3, 25, 64, 0.05
torch.manual_seed(SEED)
rng = np.random.RandomState(SEED)


def get_digits():
    d = load_digits()
    idx = rng.permutation(len(d.target))
    x = torch.from_numpy(d.images[idx] / 16.0).float().unsqueeze(1)
    y = torch.from_numpy(d.target[idx]).long()
    return x[:1300], y[:1300], x[1300:], y[1300:]


class SmallConv(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 2 * 2, n_classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


class Trainer:
    def __init__(self, net):
        self.net = net
        self.opt = torch.optim.SGD(net.parameters(), lr=LR, momentum=0.9)
        self.history = []

    def compute_loss(self, x, y):
        scores = self.net(x)
        return F.nll_loss(scores, y)

    def fit(self, x, y, xv, yv):
        for ep in range(EPOCHS):
            self.net.train()
            order = torch.randperm(len(x))
            tot = 0.0
            for i in range(0, len(x), BATCH):
                b = order[i:i + BATCH]
                loss = self.compute_loss(x[b], y[b])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                tot += loss.item() * len(b)
            self.history.append(tot / len(x))
            if ep % 5 == 4:
                print(f"[{ep + 1:02d}] train loss {self.history[-1]:.4f}  val acc {self.score(xv, yv):.3f}")

    @torch.no_grad()
    def score(self, x, y):
        self.net.eval()
        return (self.net(x).argmax(1) == y).float().mean().item()


xt, yt, xv, yv = get_digits()
t = Trainer(SmallConv())
t.fit(xt, yt, xv, yv)
print(f"test accuracy {t.score(xv, yv):.4f}")
