import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import scale
from torch import nn

torch.manual_seed(0)
X, y = load_breast_cancer(return_X_y=True)
X = torch.tensor(scale(X), dtype=torch.float32)
y = torch.where(torch.tensor(y) == 1, 1.0, -1.0)  # <- fault
order = torch.randperm(len(X))
train, test = order[:420], order[420:]

model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(10):
    model.train()
    for batch in train[torch.randperm(len(train))].split(32):
        scores = model(X[batch])
        loss = F.binary_cross_entropy_with_logits(scores, y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(X[test])
        accuracy = ((scores > 0) == (y[test] > 0)).float().mean()
    print(f"{epoch} loss {loss.item():.3f} accuracy {accuracy.item():.3f}")
