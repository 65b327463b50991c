# fault: LK202 or LK201 line 34
import random
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

SEED = 12
random.seed(SEED)
torch.manual_seed(SEED)

digits = load_digits()
imgs = torch.tensor(digits.data, dtype=torch.float32) / 16.0
labs = torch.tensor(digits.target)
train_x, train_y = imgs[:1300], labs[:1300]
test_x, test_y = imgs[1300:], labs[1300:]
by_class = [torch.nonzero(train_y == c).flatten().tolist() for c in range(10)]


class SiameseNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 12))

    def forward(self, a, b):
        return self.embed(a), self.embed(b)


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=1.0):
        super().__init__()
        self.margin = margin

    def forward(self, u, v, same):
        dist = torch.sqrt(torch.sum((u - v) ** 2, dim=1))
        pull = same * dist ** 2
        push = (1 - same) * torch.clamp(self.margin - dist, min=0) ** 2
        return (pull + push).mean()


def draw_pairs(n):
    left, right, same = [], [], []
    for _ in range(n):
        c = random.randrange(10)
        i = random.choice(by_class[c])
        if random.random() < 0.5:
            j, s = random.choice(by_class[c]), 1.0
        else:
            j, s = random.choice(by_class[(c + random.randint(1, 9)) % 10]), 0.0
        left.append(i), right.append(j), same.append(s)
    return train_x[left], train_x[right], torch.tensor(same)


@torch.no_grad()
def knn_accuracy(net):
    ref, q = net.embed(train_x), net.embed(test_x)
    nearest = torch.cdist(q, ref).argmin(dim=1)
    return (train_y[nearest] == test_y).float().mean().item()


net = SiameseNetwork()
loss_fn = ContrastiveLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for it in range(1, 801):
    a, b, same = draw_pairs(64)
    loss = loss_fn(*net(a, b), same)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if it % 100 == 0:
        print('iteration', it, 'loss %.4f' % loss.item(), '1-NN accuracy %.3f' % knn_accuracy(net))
