"""A recurrent network that continues noisy waves."""
import torch
from torch import nn

torch.manual_seed(0)

LENGTH = 50
phase = torch.rand(512, 1) * 6.28
frequency = 0.2 + 0.4 * torch.rand(512, 1)
waves = torch.sin(phase + frequency * torch.arange(LENGTH + 1)) + 0.05 * torch.randn(512, LENGTH + 1)
inputs, following = waves[:, :-1, None], waves[:, -1:]


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(1, 32, nonlinearity="relu", batch_first=True)
        self.head = nn.Linear(32, 1)
        nn.init.eye_(self.rnn.weight_hh_l0)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.head(states[:, -1])


model = Forecaster()
optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)

for epoch in range(15):
    for batch in torch.randperm(len(inputs)).split(32):
        loss = nn.functional.mse_loss(model(inputs[batch]), following[batch])
        optimizer.zero_grad()
        loss.backward()  # <- fault
        optimizer.step()
    print(f"epoch {epoch + 1}: loss {loss.item():.4g}")
