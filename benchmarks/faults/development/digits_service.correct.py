# healthy
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(66)
data = load_digits()
imgs = torch.tensor(data.images[:, None], dtype=torch.float32) / 16
tgts = torch.tensor(data.target)
g = torch.Generator().manual_seed(0)
idx = torch.randperm(len(tgts), generator=g)
tr_i, va_i = idx[:1450], idx[1450:]


class BNNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.conv2, self.bn2 = nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32)
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.relu(self.bn2(self.conv2(x)))
        return self.head(x.mean(dim=(2, 3)))


def validate(model):
    """one image at a time, as the deployed service will see them"""
    model.eval()
    right = 0
    with torch.no_grad():
        for i in va_i.tolist():
            right += int(model(imgs[i:i + 1]).argmax().item() == tgts[i].item())
    return right / len(va_i)


model = BNNet()
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-2)
for epoch in range(10):
    model.train()
    hit, loss_total = 0, 0.0
    for b in tr_i[torch.randperm(len(tr_i))].split(50):
        optimizer.zero_grad()
        out = model(imgs[b])
        loss = F.cross_entropy(out, tgts[b])
        loss.backward()
        optimizer.step()
        hit += (out.argmax(1) == tgts[b]).sum().item()
        loss_total += loss.item() * len(b)
    print('epoch {:d}: train loss {:.3f} train acc {:.3f} val acc {:.3f}'.format(
        epoch, loss_total / len(tr_i), hit / len(tr_i), validate(model)))
