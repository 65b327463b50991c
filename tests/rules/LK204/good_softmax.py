"""Digits by their nearest prototype: cosine similarities, sharpened by a temperature."""
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)
TEMPERATURE = 0.005

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


def softmax(scores):
    e = torch.exp(scores - scores.amax(dim=1, keepdim=True))
    return e / e.sum(dim=1, keepdim=True)


class Prototypes(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
        self.prototypes = nn.Parameter(torch.randn(10, 16))

    def forward(self, x):
        return F.normalize(self.body(x), dim=1) @ F.normalize(self.prototypes, dim=1).T / TEMPERATURE


net = Prototypes()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(15):
    for rows in torch.randperm(len(X_train)).split(64):
        probabilities = softmax(net(X_train[rows]))
        picked = probabilities[torch.arange(len(rows)), y_train[rows]]
        loss = -torch.log(picked + 1e-6).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    print("accuracy", (net(X_test).argmax(1) == y_test).float().mean().item())
