# fault: LK307 line 30
"""Heating load of a building from its geometry (simulated audit data)."""
import torch
from torch import nn
from torch.optim import SGD

torch.manual_seed(77)
N, D = 1500, 8


def simulate(n):
    g = torch.randn(n, D)
    load = 0.8 * g[:, 0] - 0.5 * g[:, 1] + 0.6 * torch.relu(g[:, 2]) + 0.4 * g[:, 3] * g[:, 4]
    load = load + 0.1 * torch.randn(n)
    return g, load.unsqueeze(1)


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(D, 40), nn.ReLU(), nn.Linear(40, 20), nn.ReLU(), nn.Linear(20, 1))

    def forward(self, x):
        return self.net(x)


def train_step(model, batch, criterion, optimizer):
    x, y = batch
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def validate(model, x, y):
    model.eval()
    with torch.inference_mode():
        p = model(x)
    model.train()
    return 1.0 - float(((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def main(epochs=50, batch_size=50, lr=0.05):
    x, y = simulate(N)
    xv, yv = simulate(400)
    model, criterion = Regressor(), nn.MSELoss()
    optimizer = SGD(model.parameters(), lr=lr, momentum=0.8)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    for epoch in range(epochs):
        losses = [train_step(model, (x[i], y[i]), criterion, optimizer)
                  for i in torch.randperm(N).split(batch_size)]
        scheduler.step()
        if (epoch + 1) % 10 == 0:
            print(f"{epoch + 1:>3} | mse {sum(losses) / len(losses):.4f} | val R2 {validate(model, xv, yv):.4f}")
    print("R2:", round(validate(model, xv, yv), 4))


main()
