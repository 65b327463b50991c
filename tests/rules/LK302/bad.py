"""A recurrent network that adds up a sequence."""
import torch
from torch import nn

torch.manual_seed(0)

LENGTH = 60
sequences = torch.rand(512, LENGTH, 1) - 0.4
sums = sequences.sum(dim=1) / LENGTH**0.5


class Adder(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(1, 32, nonlinearity="relu", batch_first=True)
        self.head = nn.Linear(32, 1)
        nn.init.eye_(self.rnn.weight_hh_l0)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.head(states[:, -1])


model = Adder()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)

for epoch in range(15):
    for batch in torch.randperm(len(sequences)).split(32):
        loss = nn.functional.mse_loss(model(sequences[batch]), sums[batch])
        optimizer.zero_grad()
        loss.backward()  # <- fault
        optimizer.step()
    print(f"epoch {epoch + 1}: loss {loss.item():.4g}")
