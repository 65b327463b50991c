"""A regression of the progress of diabetes, with gradients cleared in the wrong place."""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(1)

features, progress = load_diabetes(return_X_y=True)
inputs = torch.from_numpy(scale(features).astype(np.float32))
targets = torch.from_numpy(scale(progress).astype(np.float32)).unsqueeze(1)
train, test = random_split(TensorDataset(inputs, targets), [350, 92])


class Regressor(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(10, 32)
        self.out = torch.nn.Linear(32, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(x)))


net = Regressor()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)


def step(x, t):
    error = F.mse_loss(net(x), t)
    error.backward()
    opt.zero_grad()  # <- fault
    opt.step()
    return error.item()


for epoch in range(30):
    total = sum(step(x, t) for x, t in DataLoader(train, batch_size=32, shuffle=True))
    with torch.no_grad():
        errors = [F.mse_loss(net(x), t).item() for x, t in DataLoader(test, batch_size=92)]
    print(epoch, round(total / 11, 4), round(sum(errors), 4))
