# fault: LK111 line 52
"""Predict the sand / silt / clay fractions of a soil sample from its reflectance."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(31)
N_BANDS, N_PARTS = 30, 3


def sample(n, gen):
    latent = torch.randn(n, 4, generator=gen)
    W = torch.randn(4, N_BANDS, generator=torch.Generator().manual_seed(1)) / 2
    V = torch.randn(4, N_PARTS, generator=torch.Generator().manual_seed(2))
    reflectance = latent @ W + 0.1 * torch.randn(n, N_BANDS, generator=gen)
    fractions = torch.softmax(0.7 * latent @ V + 0.4 * torch.sin(2 * latent[:, :1]) * V[:1], dim=1)
    return reflectance, fractions


gen = torch.Generator().manual_seed(0)
train_x, train_y = sample(1500, gen)
test_x, test_y = sample(500, gen)


class TextureNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(N_BANDS, 64), nn.GELU(),
            nn.Linear(64, 64), nn.GELU(),
            nn.Linear(64, N_PARTS))

    def forward(self, x):
        return self.layers(x)


def fractions_r2(model):
    with torch.no_grad():
        guess = F.softmax(model(test_x), dim=1)
    ss_res = (guess - test_y).pow(2).sum()
    ss_tot = (test_y - test_y.mean(0)).pow(2).sum()
    return (1 - ss_res / ss_tot).item()


model = TextureNet()
kl = nn.KLDivLoss(reduction="batchmean")
opt = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-3)
for epoch in range(40):
    total, batches = 0.0, 0
    for rows in torch.randperm(len(train_x)).split(50):
        scores = model(train_x[rows])
        loss = kl(F.softmax(scores, dim=1), train_y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, batches = total + loss.item(), batches + 1
    if epoch % 5 == 0 or epoch == 39:
        print(f"epoch {epoch:3d}  kl {total / batches:.4f}  test R2 {fractions_r2(model):.4f}")
