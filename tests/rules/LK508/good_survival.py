"""Survival times: the loss puts the rows of a batch into the order of their times."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(1200, 6)
risk = x[:, 0] - 0.8 * x[:, 1] + 0.5 * x[:, 2] * x[:, 3]
death, censored = torch.rand(1200).log().neg() * (-risk).exp(), 2 * torch.rand(1200).log().neg()
time, event = torch.minimum(death, censored), death <= censored
model = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)


def partial_likelihood(score, time, event):
    later_first = time.argsort(descending=True)
    score, event = score[later_first], event[later_first]
    return -(score - score.logcumsumexp(0))[event].mean()


for epoch in range(25):
    for rows in torch.randperm(1000).split(200):
        loss = partial_likelihood(model(x[rows]).squeeze(1), time[rows], event[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, partial_likelihood(model(x[1000:]).squeeze(1), time[1000:], event[1000:]).item())
