# healthy
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(33)


def augment(x):
    """Shift by up to one pixel, drop a few pixels, jitter the contrast."""
    padded = F.pad(x, (1, 1, 1, 1))
    dx, dy = torch.randint(0, 3, (2,)).tolist()
    x = padded[:, :, dx : dx + 8, dy : dy + 8]
    keep = (torch.rand_like(x) > 0.1).float()
    return x * keep * torch.empty(len(x), 1, 1, 1).uniform_(0.8, 1.2)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(24, 48, 3, padding=1), nn.ReLU(), nn.Flatten()
        )
        self.project = nn.Sequential(nn.Linear(768, 64), nn.ReLU(), nn.Linear(64, 32))

    def forward(self, x):
        return F.normalize(self.project(self.features(x)), dim=1)


def nt_xent(a, b, temperature=0.2):
    z = torch.cat([a, b])
    n = len(a)
    sim = z @ z.T / temperature
    sim = sim.masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    partner = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, partner)


images, labels = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(images / 16, labels, test_size=0.3, random_state=33, stratify=labels)
x_train, x_test = (torch.tensor(v, dtype=torch.float32).view(-1, 1, 8, 8) for v in (x_train, x_test))
encoder = Encoder()
opt = torch.optim.Adam(encoder.parameters(), lr=2e-3)
for epoch in range(28):
    total, steps = 0.0, 0
    for idx in torch.randperm(len(x_train)).split(128):
        if len(idx) < 128:
            continue
        loss = nt_xent(encoder(augment(x_train[idx])), encoder(augment(x_train[idx])))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, steps = total + loss.item(), steps + 1
    if epoch % 5 == 2:
        print(f"epoch {epoch} contrastive loss {total / steps:.3f}")

with torch.no_grad():
    f_train, f_test = encoder.features(x_train), encoder.features(x_test)
probe = LogisticRegression(max_iter=1000).fit(f_train, y_train)
print(f"linear probe accuracy {probe.score(f_test, y_test):.3f}")
