# healthy
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(10)
bunch = load_digits()
X = torch.tensor(bunch.images / 8.0 - 1.0, dtype=torch.float32).unsqueeze(1)
Y = torch.tensor(bunch.target)

old, new = Y < 6, Y >= 6
Xs, Ys = X[old], Y[old]
Xn, Yn = X[new], Y[new] - 6
perm = torch.randperm(len(Xn))
Xn, Yn = Xn[perm], Yn[perm]
n_few = 160
few = TensorDataset(Xn[:n_few], Yn[:n_few])
test_x, test_y = Xn[n_few:], Yn[n_few:]


class SmallResNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.block = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
                                   nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16))
        self.down = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
                                  nn.AdaptiveAvgPool2d(2), nn.Flatten())
        self.classifier = nn.Linear(128, classes)

    def backbone(self):
        return [self.stem, self.block, self.down]

    def forward(self, x):
        x = self.stem(x)
        x = torch.relu(x + self.block(x))
        return self.classifier(self.down(x))


def train(model, ds, optimizer, epochs, bs, frozen=()):
    lossf = nn.CrossEntropyLoss()
    for ep in range(epochs):
        model.train()
        for m in frozen:
            m.eval()  # keep the pretrained batch statistics
        tot, cnt = 0.0, 0
        for xb, yb in DataLoader(ds, batch_size=bs, shuffle=True):
            optimizer.zero_grad()
            loss = lossf(model(xb), yb)
            loss.backward()
            optimizer.step()
            tot += loss.item() * len(yb)
            cnt += len(yb)
        if ep % 2 == 1:
            print(f"   epoch {ep + 1} loss {tot / cnt:.4f}")


def score(model):
    model.eval()
    with torch.no_grad():
        return (model(test_x).argmax(1) == test_y).float().mean().item()


print("pretraining on digits 0-5")
model = SmallResNet(6)
train(model, TensorDataset(Xs, Ys), torch.optim.Adam(model.parameters(), lr=2e-3), 6, 64)

print("stage 1: new head, backbone frozen")
model.classifier = nn.Linear(128, 4)
for m in model.backbone():
    m.requires_grad_(False)
train(model, few, torch.optim.Adam(model.classifier.parameters(), lr=5e-3), 10, 16, frozen=model.backbone())
print("   test acc", round(score(model), 4))

print("stage 2: unfreeze all, small rate for the backbone")
for m in model.backbone():
    m.requires_grad_(True)
groups = [{"params": model.classifier.parameters(), "lr": 1e-3}]
groups += [{"params": m.parameters(), "lr": 3e-4} for m in model.backbone()]
train(model, few, torch.optim.Adam(groups), 10, 16)
print("METRIC accuracy", round(score(model), 4))
