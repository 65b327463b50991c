"""Six kinds of clusters; two epochs of a few batches, and a metric that still climbs."""

import torch
from sklearn.datasets import make_classification
from torch import nn

EPOCHS = 2  # <- fault

torch.manual_seed(0)

X, y = make_classification(
    3000, 16, n_informative=8, n_classes=6, n_clusters_per_class=1, class_sep=1.0, random_state=1
)
X, y = torch.tensor(X).float(), torch.tensor(y)
X = (X - X.mean(0)) / X.std(0)
order = torch.randperm(len(X))
fit, held_out = order[:2400], order[2400:]

model = nn.Sequential(nn.Linear(16, 48), nn.Tanh(), nn.Linear(48, 6))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

for epoch in range(EPOCHS):
    model.train()
    for batch in fit[torch.randperm(len(fit))].split(120):
        optimizer.zero_grad()
        criterion(model(X[batch]), y[batch]).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(X[held_out])
        print(f"{epoch}: {criterion(scores, y[held_out]):.3f} {(scores.argmax(1) == y[held_out]).float().mean():.3f}")
