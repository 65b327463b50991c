"""A recurrent cell, stepped by hand, adds up a walk."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Walker(nn.Module):
    def __init__(self, width=40):
        super().__init__()
        self.cell = nn.RNNCell(2, width, nonlinearity="relu")
        self.head = nn.Linear(width, 2)
        nn.init.eye_(self.cell.weight_hh)

    def forward(self, steps):
        state = None
        for step in steps.unbind(1):
            state = self.cell(step, state)
        return self.head(state)


def main():
    torch.manual_seed(0)
    steps = torch.randn(1000, 60, 2)
    ends = steps.sum(dim=1) / 60**0.5
    train = TensorDataset(steps[:800], ends[:800])
    model = Walker()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for epoch in range(10):
        for x, y in DataLoader(train, batch_size=40, shuffle=True):
            loss = nn.functional.mse_loss(model(x), y)
            optimizer.zero_grad()
            loss.backward()  # <- fault
            optimizer.step()
        with torch.no_grad():
            print(epoch, nn.functional.mse_loss(model(steps[800:]), ends[800:]).item())


if __name__ == "__main__":
    main()
