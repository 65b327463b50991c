# healthy
"""Pre-train on digits 0-5, then adapt to 6-9 with a new head and a frozen body."""
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(77)
d = load_digits()
X = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1) / 16.0
Y = torch.tensor(d.target)


class SmallCNN(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.fc = nn.Linear(128, n_classes)

    def forward(self, x):
        return self.fc(self.features(x))


def fit(net, opt, x, y, epochs):
    ce = nn.CrossEntropyLoss()
    for ep in range(epochs):
        net.train()
        s = 0.0
        for b in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            out = ce(net(x[b]), y[b])
            out.backward()
            opt.step()
            s += out.item() * len(b)
        if ep % 5 == 4 or ep == 0:
            print('  epoch %2d loss %.4f' % (ep + 1, s / len(x)))


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


src = Y < 6
net = SmallCNN(6)
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
print('source task')
fit(net, optimizer, X[src], Y[src], 8)

tx, ty = X[~src], Y[~src] - 6
n = len(tx) * 3 // 4
for p in net.features.parameters():
    p.requires_grad = False
net.fc = nn.Linear(128, 4)
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=5e-3)
print('target task')
fit(net, optimizer, tx[:n], ty[:n], 20)
print('target accuracy: train %.3f  held-out %.3f' % (accuracy(net, tx[:n], ty[:n]), accuracy(net, tx[n:], ty[n:])))
