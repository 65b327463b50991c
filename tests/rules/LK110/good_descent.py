"""Gradient descent written out."""

import torch
from sklearn.datasets import make_regression

torch.manual_seed(0)
X, y = make_regression(400, 5, noise=5.0, random_state=0)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)

weight = torch.zeros(5, requires_grad=True)
bias = torch.zeros(1, requires_grad=True)
rate = 0.01
for step in range(200):
    rows = torch.randint(0, 400, (40,))
    prediction = X[rows] @ weight + bias
    loss = ((prediction - y[rows]) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        weight -= rate * weight.grad
        bias -= rate * bias.grad
        weight.grad.zero_()
        bias.grad.zero_()
    if step % 20 == 0:
        print(step, loss.item())
