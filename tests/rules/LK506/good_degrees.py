"""Temperatures of a summer, as they are measured, from an output that starts at their mean."""

import torch
from torch import nn


class Temperatures(nn.Module):
    def __init__(self, usual):
        super().__init__()
        self.hidden = nn.Linear(4, 32)
        self.degrees = nn.Linear(32, 1)
        nn.init.constant_(self.degrees.bias, usual)

    def forward(self, weather):
        return self.degrees(torch.relu(self.hidden(weather))).squeeze(1)


def main():
    torch.manual_seed(0)
    weather = torch.randn(1500, 4)  # sun, wind, clouds, pressure, all standardised
    degrees = 21 + 4 * weather[:, 0] - 2 * weather[:, 1] - weather[:, 2] + torch.randn(1500)

    model = Temperatures(degrees[:1200].mean().item())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(12):
        for rows in torch.randperm(1200).split(40):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(weather[rows]), degrees[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            off = nn.functional.l1_loss(model(weather[1200:]), degrees[1200:])
        print(f"epoch {epoch + 1}: off by {off:.2f}")


if __name__ == "__main__":
    main()
