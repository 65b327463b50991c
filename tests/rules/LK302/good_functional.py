"""A recurrent cell written by hand adds up the steps of a long walk."""

import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
steps = torch.randn(1000, 80, 2)
ends = steps.sum(dim=1) / 80**0.5
train, test = TensorDataset(steps[:800], ends[:800]), TensorDataset(steps[800:], ends[800:])

width = 40
w_in = (0.3 * torch.randn(2, width)).requires_grad_()
w_rec = (torch.eye(width) + 0.02 * torch.randn(width, width)).requires_grad_()
w_out = (0.1 * torch.randn(width, 2)).requires_grad_()


def forward(x):
    state = torch.zeros(len(x), width)
    for step in x.unbind(1):
        state = torch.relu(step @ w_in + state @ w_rec)
    return state @ w_out


optimizer = torch.optim.SGD([w_in, w_rec, w_out], lr=0.01)
for epoch in range(8):
    for x, y in DataLoader(train, batch_size=40, shuffle=True):
        loss = torch.nn.functional.mse_loss(forward(x), y)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([w_in, w_rec, w_out], 1.0)
        optimizer.step()
    with torch.no_grad():
        print(epoch, [torch.nn.functional.mse_loss(forward(x), y).item() for x, y in DataLoader(test, batch_size=200)])
