"""A faint dependence under much noise: a small gain is all there is."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Forecast(nn.Module):
    def __init__(self, dimensions):
        super().__init__()
        self.weigh = nn.Linear(dimensions, 1)

    def forward(self, signals):
        return self.weigh(signals)


def main():
    torch.manual_seed(0)
    signals = torch.randn(3000, 5)
    returns = signals @ torch.tensor([[0.2], [-0.2], [0.15], [0.0], [0.1]]) + torch.randn(3000, 1)
    train = TensorDataset(signals[:2000], returns[:2000])
    test_signals, test_returns = signals[2000:], returns[2000:]

    model = Forecast(5)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(10):
        for inputs, targets in DataLoader(train, batch_size=50, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            error = criterion(model(test_signals), test_returns)
        print(f"epoch {epoch + 1}: error {error:.4f}")


if __name__ == "__main__":
    main()
