"""Logistic regression with a hand-written step."""

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

torch.manual_seed(0)

data = load_breast_cancer()
x = torch.tensor(StandardScaler().fit_transform(data.data), dtype=torch.float32)
t = torch.tensor(data.target, dtype=torch.float32)
order = torch.randperm(len(x))
train, test = order[:430], order[430:]

w = torch.zeros(30, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
rate = 0.1

for epoch in range(40):
    for batch in train.split(43):
        scores = x[batch] @ w + b
        loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, t[batch])
        loss.backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
            w.grad.zero_()
            b.grad.zero_()
    with torch.no_grad():
        accuracy = (((x[test] @ w + b) > 0) == (t[test] > 0.5)).float().mean().item()
    print(epoch, round(loss.item(), 4), round(accuracy, 3))
