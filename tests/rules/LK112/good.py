"""Which of five topics a text is about; several at once."""

import torch
from sklearn.datasets import make_multilabel_classification
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, Y = make_multilabel_classification(1200, 20, n_classes=5, n_labels=2, random_state=0)
X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
Y = torch.tensor(Y, dtype=torch.float32)
train_loader = DataLoader(TensorDataset(X[:900], Y[:900]), batch_size=50, shuffle=True)
test_loader = DataLoader(TensorDataset(X[900:], Y[900:]), batch_size=100)

model = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 5))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(10):
    model.train()
    for features, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(features), labels)
        loss.backward()
        optimizer.step()
    model.eval()
    right = 0
    with torch.no_grad():
        for features, labels in test_loader:
            right += ((torch.sigmoid(model(features)) > 0.5).float() == labels).float().mean(1).sum().item()
    print(epoch, loss.item(), right / 300)
