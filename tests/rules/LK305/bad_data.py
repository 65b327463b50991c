"""A classifier of wines whose loss was cut off from the model: of the logits only their data are taken."""
import torch
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(0)

X, y = load_wine(return_X_y=True)
X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
y = torch.tensor(y)

model = nn.Sequential(nn.Linear(13, 32), nn.Tanh(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

for epoch in range(40):
    permutation = torch.randperm(len(X))
    for start in range(0, len(X), 32):
        index = permutation[start : start + 32]
        logits = model(X[index])
        loss = F.cross_entropy(logits.data, y[index]).requires_grad_()  # <- fault
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print(epoch + 1, loss.item())
