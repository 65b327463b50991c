# healthy
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 8
LR = 1e-1
BATCH_SIZE = 64


def get_loaders():
    X, y = load_digits(return_X_y=True)
    X = X / 16
    parts = train_test_split(X, y, test_size=0.2, stratify=y, random_state=8)
    X_train, X_test, y_train, y_test = (torch.tensor(p) for p in parts)
    train = TensorDataset(X_train.float(), y_train)
    test = TensorDataset(X_test.float(), y_test)
    return DataLoader(train, BATCH_SIZE, shuffle=True), DataLoader(test, 256)


torch.manual_seed(8)
train_loader, test_loader = get_loaders()
model = nn.Sequential(nn.Linear(64, 96), nn.BatchNorm1d(96), nn.ReLU(), nn.Linear(96, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=LR)
loss_func = nn.CrossEntropyLoss()

for epoch in range(EPOCHS):
    model.train()
    for data, label in train_loader:
        loss = loss_func(model(data), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        total_loss, right, count = 0.0, 0, 0
        for data, label in test_loader:
            out = model(data)
            total_loss += loss_func(out, label).item() * len(label)
            right += (out.argmax(1) == label).sum().item()
            count += len(label)
    print(f"Epoch {epoch}: val loss {total_loss / count:.4f}, val accuracy {right / count:.4f}")
