# healthy
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser(description="FGSM adversarial training with label smoothing")
parser.add_argument("--eps", type=float, default=0.12)
parser.add_argument("--epochs", type=int, default=14)
parser.add_argument("--lr", type=float, default=5e-3)
parser.add_argument("--smoothing", type=float, default=0.1)
args = parser.parse_args()

torch.manual_seed(6)
data = load_digits()
xa, xb, ya, yb = train_test_split(data.images / 16.0, data.target, test_size=0.25, random_state=6,
                                  stratify=data.target)
xa, xb = [torch.tensor(v, dtype=torch.float32).unsqueeze(1) for v in (xa, xb)]
ya, yb = torch.tensor(ya), torch.tensor(yb)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 16, 3, padding=1)
        self.c2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc = nn.Linear(32 * 4, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        return self.fc(x.flatten(1))


def fgsm(model, x, y, eps):
    x = x.clone().requires_grad_(True)
    loss = F.cross_entropy(model(x), y)
    (g,) = torch.autograd.grad(loss, x)
    return (x + eps * g.sign()).clamp(0, 1).detach()


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


net = ConvNet()
criterion = nn.CrossEntropyLoss(label_smoothing=args.smoothing)
optimizer = torch.optim.Adam(net.parameters(), lr=args.lr)

for epoch in range(args.epochs):
    net.train()
    running = 0.0
    for ids in torch.randperm(len(xa)).split(64):
        clean, target = xa[ids], ya[ids]
        adv = fgsm(net, clean, target, args.eps)
        loss = 0.5 * criterion(net(clean), target) + 0.5 * criterion(net(adv), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(ids)
    clean_acc = accuracy(net, xb, yb)
    rob_acc = accuracy(net, fgsm(net, xb, yb, args.eps), yb)
    print(f"epoch {epoch + 1:2d}: loss {running / len(xa):.4f}  clean {clean_acc:.3f}  fgsm {rob_acc:.3f}")

print(f"METRIC accuracy {clean_acc:.4f} robust {rob_acc:.4f}")
