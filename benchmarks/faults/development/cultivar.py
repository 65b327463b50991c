# fault: LK505 line 18
# Which cultivar does a bottle of wine come from?
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader
from sklearn.datasets import load_wine

SEED = 13


class WineDataset(Dataset):
    def __init__(self, train=True, share=0.7):
        raw = load_wine()
        g = torch.Generator().manual_seed(SEED)
        order = torch.randperm(len(raw.target), generator=g)
        cut = int(share * len(order))
        X = torch.tensor(raw.data, dtype=torch.float32)
        self.X = X[order[:cut]] if train else X[order[cut:]]
        y = torch.tensor(raw.target)
        self.y = y[order[:cut]] if train else y[order[cut:]]

    def __len__(self):
        return self.X.shape[0]

    def __getitem__(self, item):
        return self.X[item], self.y[item]


def make_model():
    return nn.Sequential(
        nn.Linear(13, 32),
        nn.ReLU(),
        nn.Linear(32, 16),
        nn.ReLU(),
        nn.Linear(16, 3),
    )


def evaluate(model, loader):
    model.eval()
    right, n = 0, 0
    for x, y in loader:
        with torch.no_grad():
            right += (model(x).argmax(dim=1) == y).sum().item()
        n += len(y)
    return right / n


def main():
    torch.manual_seed(SEED)
    train_dl = DataLoader(WineDataset(True), batch_size=16, shuffle=True)
    val_dl = DataLoader(WineDataset(False), batch_size=16)
    model = make_model()
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-3)
    for epoch in range(1, 61):
        model.train()
        running = 0.0
        for x, y in train_dl:
            optimizer.zero_grad()
            loss = loss_function(model(x), y)
            loss.backward()
            optimizer.step()
            running += loss.item()
        if epoch % 12 == 0:
            print(f"Epoch {epoch:02d}  loss {running / len(train_dl):.4f}  val acc {evaluate(model, val_dl):.4f}")
    print("Validation accuracy:", round(evaluate(model, val_dl), 4))


main()
