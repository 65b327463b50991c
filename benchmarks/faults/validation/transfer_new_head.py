# fault: LK305 line 64, 65
"""Pretrain on the digits 0-4, then reuse the backbone for the digits 5-9."""
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

cfg = dict(seed=1, batch=32, pre_epochs=15, ft_epochs=30, lr=2e-3)
torch.manual_seed(cfg["seed"])


class Net(nn.Module):
    def __init__(self, n_out):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(),
        )
        self.head = nn.Linear(32 * 4 * 4, n_out)

    def forward(self, x):
        return self.head(self.backbone(x))


def get_split(classes):
    X, y = load_digits(return_X_y=True)
    keep = (y >= classes[0]) & (y <= classes[-1])
    X = torch.tensor(X[keep] / 16.0, dtype=torch.float32).view(-1, 1, 8, 8)
    y = torch.tensor(y[keep] - classes[0], dtype=torch.long)
    return train_test_split(X, y, test_size=0.3, random_state=0)


def accuracy(model, X, y):
    model.eval()
    with torch.no_grad():
        return (model(X).argmax(1) == y).float().mean().item()


def fit(model, optimizer, data, epochs, tag):
    X_tr, X_te, y_tr, y_te = data
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        model.train()
        perm = torch.randperm(len(X_tr))
        epoch_loss = 0.0
        for idx in perm.split(cfg["batch"]):
            optimizer.zero_grad()
            loss = criterion(model(X_tr[idx]), y_tr[idx])
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item() * len(idx)
        print(f"{tag} epoch {epoch + 1}: loss {epoch_loss / len(X_tr):.4f} "
              f"test acc {accuracy(model, X_te, y_te):.3f}")


source, target = get_split(range(0, 5)), get_split(range(5, 10))

model = Net(5)
fit(model, torch.optim.Adam(model.parameters(), lr=cfg["lr"]), source, cfg["pre_epochs"], "pretrain")

for p in model.backbone.parameters():
    p.requires_grad = False

ft_optimizer = torch.optim.Adam(model.head.parameters(), lr=cfg["lr"])
model.head = nn.Linear(32 * 4 * 4, 5)
fit(model, ft_optimizer, target, cfg["ft_epochs"], "finetune")

print("accuracy on the new digits:", accuracy(model, target[1], target[3]))
