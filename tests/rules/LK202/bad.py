"""Do two digits show the same number? Distances of embeddings, and a contrastive loss."""
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16).float(), torch.tensor(y)
train, test = torch.arange(1300), torch.arange(1300, 1797)

net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)


def distance(a, b):
    return torch.sqrt(((a - b) ** 2).sum(dim=1))  # <- fault


def batch(rows, size):
    first = rows[torch.randint(len(rows), (size,))]
    second = rows[torch.randint(len(rows), (size,))]
    for i in range(0, size, 2):  # every other pair is of one class
        same = rows[y[rows] == y[first[i]]]
        second[i] = same[torch.randint(len(same), (1,))]
    return first, second, (y[first] == y[second]).float()


for step in range(600):
    i, j, same = batch(train, 32)
    d = distance(net(X[i]), net(X[j]))
    loss = (same * d**2 + (1 - same) * torch.relu(1.0 - d) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    i, j, same = batch(test, 1000)
    d = distance(net(X[i]), net(X[j]))
    print("accuracy", ((d < 0.5) == same.bool()).float().mean().item())
