# fault: LK401 line 29
"""Predict the sum of the marked numbers of a sequence with a GRU."""
import torch
import torch.nn as nn


class SumNet(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.rnn = nn.GRU(2, hidden, batch_first=True)
        self.readout = nn.Linear(hidden, 1)

    def forward(self, seq):
        _, h = self.rnn(seq)
        return self.readout(h[-1]).squeeze(-1)


def make_batch(n, length, gen):
    values = torch.rand(n, length, generator=gen)
    marks = (torch.rand(n, length, generator=gen) < 0.3).float()
    return torch.stack([values, marks], dim=-1), (values * marks).sum(1)


gen = torch.Generator().manual_seed(4)
torch.manual_seed(4)
val_x, val_y = make_batch(256, 10, gen)
model = SumNet(24)
mse = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=2.0, momentum=0.9)
for step in range(1, 301):
    x, y = make_batch(32, 10, gen)
    model.train()
    loss = mse(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        model.eval()
        with torch.no_grad():
            val = mse(model(val_x), val_y)
        print(f"step {step} train mse {loss.item():.4f} val mse {val.item():.4f}")
