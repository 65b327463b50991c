# healthy
"""Semi-supervised sensor tagging: most rows are unlabelled (-1) and only regularise through
the reconstruction term; the labelled ones also get a class."""
import torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import make_blobs

torch.manual_seed(3)
UNLABELLED = -1

X, y_full = make_blobs(n_samples=2400, n_features=12, centers=6, cluster_std=3.2, random_state=8)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y_full = torch.tensor(y_full)
train_X, test_X = X[:2000], X[2000:]
test_y = y_full[2000:]
y = y_full[:2000].clone()
y[torch.rand(2000) < 0.85] = UNLABELLED
print('labelled rows:', int((y != UNLABELLED).sum()))


class TwoHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 16), nn.ReLU())
        self.decoder = nn.Linear(16, 12)
        self.classifier = nn.Linear(16, 6)

    def forward(self, x):
        z = self.encoder(x)
        return self.classifier(z), self.decoder(z)


model = TwoHead()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)


def class_loss(logits, target):
    mask = (target != UNLABELLED).float()
    per_row = F.cross_entropy(logits, target.clamp(min=0), reduction='none')
    return (per_row * mask).sum() / mask.sum().clamp(min=1)


for epoch in range(20):
    model.train()
    log = []
    for b in torch.randperm(2000).split(16):
        logits, recon = model(train_X[b])
        loss = class_loss(logits, y[b]) + 0.5 * F.mse_loss(recon, train_X[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        log.append(loss.item())
    model.eval()
    with torch.no_grad():
        acc = (model(test_X)[0].argmax(1) == test_y).float().mean()
    print(f'epoch {epoch:02d} loss {sum(log)/len(log):.3f} test acc {acc:.3f}')
