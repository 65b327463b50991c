# healthy
"""Small batch-normalised CNN; reports the accuracy per digit at the end."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits

torch.manual_seed(55)


class ConvBlock(nn.Module):
    def __init__(self, cin, cout, p):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.drop = nn.Dropout2d(p)

    def forward(self, x):
        return self.drop(torch.relu(self.bn(self.conv(x))))


class StrokeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(ConvBlock(1, 16, 0.2), nn.MaxPool2d(2), ConvBlock(16, 32, 0.2), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(128, 64), nn.BatchNorm1d(64), nn.ReLU(),
                                        nn.Dropout(0.4), nn.Linear(64, 10))

    def forward(self, x):
        return self.classifier(self.features(x))


def load():
    d = load_digits()
    x = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1) / 16.0
    x = (x - 0.305) / 0.376
    y = torch.tensor(d.target)
    order = torch.randperm(len(y))
    return x[order[:1350]], y[order[:1350]], x[order[1350:]], y[order[1350:]]


@torch.no_grad()
def accuracy_by_digit(model, x, y):
    model.eval()
    table = {}
    for digit in range(10):
        group = x[y == digit]
        guesses = [model(part).argmax(dim=1) for part in group.split(15)]
        table[digit] = (torch.cat(guesses) == digit).float().mean().item()
    return table


def main(epochs=15):
    xt, yt, xv, yv = load()
    loader = DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True, drop_last=True)
    model = StrokeNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
        table = accuracy_by_digit(model, xv, yv)
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1}: loss {total / len(loader):.4f} val acc {sum(table.values()) / 10:.4f}")
    for digit, a in table.items():
        print(f"  {digit}: {a:.2f}")
    print("mean accuracy over digits", round(sum(table.values()) / 10, 4))


main()
