# healthy
"""Two heads and a reconstruction term, weighted by hand."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler


class MultiHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(29, 32), nn.BatchNorm1d(32), nn.ReLU())
        self.classify = nn.Linear(32, 2)
        self.regress = nn.Linear(32, 1)
        self.decode = nn.Linear(32, 29)

    def forward(self, x):
        h = self.trunk(x)
        return self.classify(h), self.regress(h).squeeze(1), self.decode(h)


def main():
    torch.manual_seed(5)
    data = load_breast_cancer()
    Z = StandardScaler().fit_transform(data.data).astype("float32")
    order = torch.randperm(len(Z))
    x = torch.from_numpy(Z[:, 1:])[order]
    size = torch.from_numpy(Z[:, 0])[order]
    label = torch.from_numpy(data.target)[order]
    net = MultiHead()
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    for epoch in range(12):
        net.train()
        for s in range(0, 448, 32):
            logits, predicted, decoded = net(x[s:s + 32])
            loss_cls = F.cross_entropy(logits, label[s:s + 32])
            loss_reg = F.smooth_l1_loss(predicted, size[s:s + 32])
            loss_rec = F.mse_loss(decoded, x[s:s + 32])
            loss = 1.0 * loss_cls + 0.5 * loss_reg + 0.1 * loss_rec
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            logits, predicted, _ = net(x[448:])
            acc = (logits.argmax(1) == label[448:]).float().mean().item()
            mae = (predicted - size[448:]).abs().mean().item()
        print(f"{epoch}: {loss_cls.item():.3f} {loss_reg.item():.3f} {loss_rec.item():.3f} acc {acc:.3f} mae {mae:.3f}")


main()
