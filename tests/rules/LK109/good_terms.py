"""A variational autoencoder of digits."""
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(1)
x = torch.tensor(load_digits().data / 16.0, dtype=torch.float32)
train, test = x[:1400], x[1400:]


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.outer = nn.Linear(64, 96), nn.Linear(6, 96)
        self.mean, self.spread, self.picture = nn.Linear(96, 6), nn.Linear(96, 6), nn.Linear(96, 64)

    def forward(self, x):
        h = torch.relu(self.inner(x))
        mean, spread = self.mean(h), self.spread(h)
        z = mean + torch.randn_like(mean) * torch.exp(spread / 2) if self.training else mean
        return torch.sigmoid(self.picture(torch.relu(self.outer(z)))), mean, spread


model = Autoencoder()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(20):
    model.train()
    for batch in torch.randperm(len(train)).split(64):
        picture, mean, spread = model(train[batch])
        error = nn.functional.mse_loss(picture, train[batch], reduction="sum") * 10
        divergence = -0.5 * torch.sum(1 + spread - mean**2 - spread.exp())
        loss = error + divergence
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(epoch, float(nn.functional.mse_loss(model(test)[0], test) / test.var()))
