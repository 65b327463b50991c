"""Handwritten digits, trained with plain SGD."""
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def load(batch_size):
    X, y = load_digits(return_X_y=True)
    X = X.astype("float32") / 16.0
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
    train = TensorDataset(torch.from_numpy(X_train), torch.from_numpy(y_train))
    test = TensorDataset(torch.from_numpy(X_test), torch.from_numpy(y_test))
    return DataLoader(train, batch_size, shuffle=True), DataLoader(test, 256)


def evaluate(model, loader):
    model.eval()
    correct = total = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    return correct / total


def main():
    torch.manual_seed(0)
    train_loader, test_loader = load(batch_size=64)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}, test accuracy {evaluate(model, test_loader):.3f}")


if __name__ == "__main__":
    main()
