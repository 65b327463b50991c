# fault: LK111 line 55
# Predict the distribution of star ratings an item receives (5 bins) from its features.
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


def build_items(n, seed):
    g = torch.Generator().manual_seed(seed)
    feats = torch.randn(n, 10, generator=g)
    centre = 3 + 1.2 * torch.tanh(feats[:, 0] + 0.5 * feats[:, 1] * feats[:, 2])
    spread = 0.5 + 0.8 * torch.sigmoid(feats[:, 3])
    stars = torch.arange(1, 6).float()
    hist = torch.softmax(-0.5 * ((stars - centre[:, None]) / spread[:, None]) ** 2, dim=1)
    return feats, hist


class RatingNet(nn.Module):
    def __init__(self, n_in=10, width=48):
        super().__init__()
        self.fc1 = nn.Linear(n_in, width)
        self.fc2 = nn.Linear(width, width)
        self.fc3 = nn.Linear(width, 5)

    def forward(self, x):
        x = F.gelu(self.fc1(x))
        x = F.gelu(self.fc2(x))
        return self.fc3(x)


def evaluate(model, feats, hist):
    stars = torch.arange(1, 6).float()
    with torch.no_grad():
        p = F.softmax(model(feats), dim=1)
    kl = (hist * (hist.log() - p.clamp_min(1e-8).log())).sum(1).mean().item()
    sd_true = ((hist * stars ** 2).sum(1) - (hist @ stars) ** 2).sqrt()
    sd_pred = ((p * stars ** 2).sum(1) - (p @ stars) ** 2).clamp_min(0).sqrt()
    mean_r2 = 1 - ((p @ stars - hist @ stars) ** 2).sum() / ((hist @ stars - (hist @ stars).mean()) ** 2).sum()
    return kl, (sd_pred - sd_true).abs().mean().item(), mean_r2.item()


def main():
    torch.manual_seed(21)
    train = TensorDataset(*build_items(3000, 0))
    val_x, val_h = build_items(600, 1)
    loader = DataLoader(train, batch_size=64, shuffle=True)
    model = RatingNet()
    criterion = nn.KLDivLoss(reduction="batchmean")
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(15):
        total = 0
        for x, h in loader:
            optimizer.zero_grad()
            pred = F.softmax(model(x), dim=1)
            loss = criterion(pred, h)
            loss.backward()
            optimizer.step()
            total += loss.item()
        kl, sd_err, r2 = evaluate(model, val_x, val_h)
        print(f"{epoch:2d} loss {total / len(loader):+.4f} | val KL {kl:.4f} sd error {sd_err:.3f} mean-rating R2 {r2:.3f}")


main()
