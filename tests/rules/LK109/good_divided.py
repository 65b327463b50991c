import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2)
data = load_breast_cancer()
X = torch.tensor(StandardScaler().fit_transform(data.data), dtype=torch.float32)
y = torch.tensor(data.target, dtype=torch.float32)
order = torch.randperm(len(X))
X, y = X[order], y[order]
train_data = TensorDataset(X[:400], y[:400])
train_loader = DataLoader(train_data, batch_size=20, shuffle=True)
model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)


def train_one_epoch():
    model.train()
    total = 0.0
    for features, target in train_loader:
        optimizer.zero_grad()
        output = model(features).squeeze(1)
        loss = criterion(output, target)
        loss.backward()
        optimizer.step()
        total += loss.item() / len(train_loader)
    return total


for epoch in range(12):
    loss = train_one_epoch()
    model.eval()
    with torch.no_grad():
        correct = (model(X[400:]).squeeze(1) > 0) == (y[400:] > 0.5)
    print(epoch, loss, correct.float().mean().item())
