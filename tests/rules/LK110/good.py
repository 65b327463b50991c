"""Logistic regression by maximum likelihood."""

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(0)
X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
scaler = StandardScaler().fit(X_train)
X_train = torch.tensor(scaler.transform(X_train), dtype=torch.float32)
X_test = torch.tensor(scaler.transform(X_test), dtype=torch.float32)
y_train, y_test = torch.tensor(y_train).float(), torch.tensor(y_test).float()

model = nn.Sequential(nn.Linear(30, 16), nn.Tanh(), nn.Linear(16, 1), nn.Sigmoid())
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)


def log_likelihood(p, t):
    p = p.clamp(1e-6, 1 - 1e-6)
    return (t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()


for epoch in range(15):
    model.train()
    for batch in torch.randperm(len(X_train)).split(32):
        optimizer.zero_grad()
        loss = -log_likelihood(model(X_train[batch]).squeeze(1), y_train[batch])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        p = model(X_test).squeeze(1)
        print(epoch, loss.item(), ((p > 0.5) == (y_test > 0.5)).float().mean().item())
