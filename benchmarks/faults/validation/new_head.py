# fault: LK305 line 62, 63
# Pretrain on digits 0-6, then reuse the body for 7-8-9 with a fresh head.
import copy

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits


class Net(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        )
        self.fc = nn.Linear(128, n_classes)

    def forward(self, x):
        return self.fc(self.features(x))


def run_epochs(net, opt, x, y, n, tag):
    crit = nn.CrossEntropyLoss()
    for ep in range(n):
        net.train()
        tot = 0.0
        for i in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            loss = crit(net(x[i]), y[i])
            loss.backward()
            opt.step()
            tot += loss.item() * len(i)
        if ep % 4 == 3:
            print(f"{tag} epoch {ep + 1}: loss {tot / len(x):.4f}")


def acc(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


torch.manual_seed(4)
digits = load_digits()
imgs = torch.tensor(digits.images / 16.0, dtype=torch.float32).unsqueeze(1)
target = torch.tensor(digits.target)

# source task: digits 0-6
src = target <= 6
net = Net(7)
run_epochs(net, torch.optim.Adam(net.parameters(), lr=2e-3), imgs[src], target[src], 12, "source")

# target task: digits 7, 8, 9
tgt = target >= 7
x, y = imgs[tgt], target[tgt] - 7
cut = int(0.7 * len(x))
model = copy.deepcopy(net)
for p in model.parameters():
    p.requires_grad = False
optimizer = torch.optim.Adam(model.fc.parameters(), lr=5e-3)
model.fc = nn.Linear(128, 3)

run_epochs(model, optimizer, x[:cut], y[:cut], 32, "target")
print("METRIC accuracy", round(acc(model, x[cut:], y[cut:]), 4))
