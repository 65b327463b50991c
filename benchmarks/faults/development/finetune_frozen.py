# healthy
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(32)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.relu(self.bn2(self.conv2(x)))
        return F.adaptive_avg_pool2d(x, 2).flatten(1)


def fit(model, x, y, parameters, epochs, lr):
    optimizer = torch.optim.Adam(parameters, lr=lr)
    for epoch in range(epochs):
        model.train()
        total = 0
        for idx in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(idx)
        print(f"  epoch {epoch} loss {total / len(x):.4f}")


if __name__ == "__main__":
    torch.manual_seed(2)
    X, y = load_digits(return_X_y=True)
    X, y = torch.tensor(X / 16).float().view(-1, 1, 8, 8), torch.tensor(y)
    low = y < 5
    backbone = Backbone()
    print("pretraining on 0-4")
    fit(nn.Sequential(backbone, nn.Linear(128, 5)), X[low], y[low], backbone.parameters(), 3, 2e-3)
    for p in backbone.parameters():
        p.requires_grad = False
    head = nn.Linear(128, 5)
    print("fine-tuning the head on 5-9")
    Xh, yh = X[~low], y[~low] - 5
    model = nn.Sequential(backbone, head)
    fit(model, Xh[:700], yh[:700], head.parameters(), 6, 5e-3)
    model.eval()
    with torch.no_grad():
        print("accuracy", (model(Xh[700:]).argmax(1) == yh[700:]).float().mean().item())
