# healthy
import argparse
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--batch-size", type=int, default=16)
parser.add_argument("--lr", type=float, default=3e-3)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

rng = np.random.default_rng(args.seed)
torch.manual_seed(args.seed)
SIZE, N_CLASSES = 24, 3      # background, disc, square


def draw_sample():
    yy, xx = np.mgrid[:SIZE, :SIZE]
    mask = np.zeros((SIZE, SIZE), dtype=np.int64)
    cy, cx, r = rng.integers(6, 18), rng.integers(6, 18), rng.integers(4, 7)
    mask[(yy - cy) ** 2 + (xx - cx) ** 2 <= r * r] = 1
    y0, x0, s = rng.integers(0, 14), rng.integers(0, 14), rng.integers(6, 10)
    mask[y0:y0 + s, x0:x0 + s] = 2
    colours = np.array([[0.2, 0.2], [0.8, 0.4], [0.45, 0.8]])
    img = colours[mask].transpose(2, 0, 1) + rng.normal(0, 0.18, (2, SIZE, SIZE))
    return img.astype(np.float32), mask


def make_set(n):
    imgs, masks = zip(*[draw_sample() for _ in range(n)])
    x = (torch.from_numpy(np.stack(imgs)) - 0.4) / 0.3
    return x, torch.from_numpy(np.stack(masks))


def block(cin, cout):
    return nn.Sequential(nn.Conv2d(cin, cout, 3, padding=1), nn.BatchNorm2d(cout), nn.ReLU())


class SegNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc1 = block(2, 12)
        self.enc2 = block(12, 24)
        self.dec = block(36, 12)
        self.head = nn.Conv2d(12, N_CLASSES, 1)

    def forward(self, x):
        a = self.enc1(x)
        b = self.enc2(F.max_pool2d(a, 2))
        b = F.interpolate(b, scale_factor=2)
        out = self.head(self.dec(torch.cat([a, b], dim=1)))
        return F.log_softmax(out, dim=1)


def mean_iou(pred, target):
    ious = []
    for c in range(N_CLASSES):
        inter = ((pred == c) & (target == c)).sum().item()
        union = ((pred == c) | (target == c)).sum().item()
        ious.append(inter / max(union, 1))
    return sum(ious) / len(ious)


x_train, m_train = make_set(400)
x_val, m_val = make_set(100)
net = SegNet()
optimizer = torch.optim.Adam(net.parameters(), lr=args.lr)

for epoch in range(args.epochs):
    net.train()
    order = torch.randperm(len(x_train))
    losses = []
    for i in range(0, len(order), args.batch_size):
        idx = order[i:i + args.batch_size]
        loss = F.nll_loss(net(x_train[idx]), m_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        log_p = net(x_val)
    print(f"[{epoch + 1}/{args.epochs}] loss={np.mean(losses):.4f} "
          f"val_loss={F.nll_loss(log_p, m_val).item():.4f} mIoU={mean_iou(log_p.argmax(1), m_val):.3f}")
