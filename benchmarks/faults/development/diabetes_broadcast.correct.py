# healthy
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale
from torch.utils.data import DataLoader, Dataset


class DiabetesData(Dataset):
    def __init__(self, X, y):
        self.X = torch.FloatTensor(X)
        self.y = torch.FloatTensor(y)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.y[i]


def main():
    torch.manual_seed(5)
    X, y = load_diabetes(return_X_y=True)
    X, y = scale(X), scale(y)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=5)
    train_dl = DataLoader(DiabetesData(X_train, y_train), batch_size=16, shuffle=True)
    test_dl = DataLoader(DiabetesData(X_test, y_test), batch_size=64)
    net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(20):
        net.train()
        total = 0.0
        for features, target in train_dl:
            opt.zero_grad()
            pred = net(features)
            loss = F.mse_loss(pred.squeeze(1), target)
            loss.backward()
            opt.step()
            total += loss.item()
        net.eval()
        with torch.no_grad():
            test_loss = sum(F.mse_loss(net(a).squeeze(1), b).item() for a, b in test_dl) / len(test_dl)
        print("Epoch {:02d} | train {:.4f} | test {:.4f}".format(epoch, total / len(train_dl), test_loss))


if __name__ == "__main__":
    main()
