# fault: LK505 line 18
"""Which cultivar? Small MLP on the wine table."""
import numpy as np
import torch
import torch.nn as nn
import torch.utils.data as td
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

SEED = 4
torch.manual_seed(SEED)
np.random.seed(SEED)


def get_loaders(batch_size=16):
    X, y = load_wine(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=SEED)
    make = lambda X, y: td.TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y))
    return (td.DataLoader(make(X_train, y_train), batch_size=batch_size, shuffle=True),
            td.DataLoader(make(X_test, y_test), batch_size=64))


class Net(nn.Module):
    def __init__(self, n_features=13, n_hidden=16, n_classes=3):
        super().__init__()
        self.hidden1 = nn.Linear(n_features, n_hidden)
        self.hidden2 = nn.Linear(n_hidden, n_hidden)
        self.output = nn.Linear(n_hidden, n_classes)

    def forward(self, x):
        x = torch.tanh(self.hidden1(x))
        x = torch.tanh(self.hidden2(x))
        return self.output(x)


def main():
    train_loader, test_loader = get_loaders()
    model = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.8)
    for epoch in range(40):
        model.train()
        loss_sum = 0.0
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item()
        if epoch % 5 == 4:
            model.eval()
            with torch.no_grad():
                correct = sum((model(xb).argmax(1) == yb).sum().item() for xb, yb in test_loader)
            acc = correct / len(test_loader.dataset)
            print("Epoch {:3d}  loss {:.4f}  accuracy {:.3f}".format(epoch + 1, loss_sum / len(train_loader), acc))


if __name__ == "__main__":
    main()
