"""A hundred patients with as many markers: all that the validation loss had won is lost again."""

import torch
from sklearn.datasets import make_classification
from torch import nn

torch.manual_seed(1)

X, y = make_classification(
    400, 120, n_informative=4, n_redundant=0, n_clusters_per_class=1, class_sep=1.2, flip_y=0.05, random_state=2
)
X, y = torch.tensor(X).float(), torch.tensor(y).float()
X_train, y_train, X_val, y_val = X[:100], y[:100], X[100:], y[100:]

model = nn.Sequential(nn.Linear(120, 128), nn.ReLU(), nn.Linear(128, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

for epoch in range(60):  # <- fault
    model.train()
    for batch in torch.randperm(100).split(20):
        loss = criterion(model(X_train[batch]).squeeze(1), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(epoch, criterion(model(X_val).squeeze(1), y_val).item())
