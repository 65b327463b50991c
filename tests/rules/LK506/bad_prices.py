"""Prices of flats, in whole currency units."""

import argparse

import torch
from torch import nn


class Prices(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.hidden = nn.Linear(4, hidden)
        self.price = nn.Linear(hidden, 1)

    def forward(self, flats):
        return self.price(torch.tanh(self.hidden(flats))).squeeze(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hidden", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args()

    torch.manual_seed(0)
    flats = torch.randn(1500, 4)  # area, age, floor, distance, all standardised
    worth = 300 + 60 * flats[:, 0] - 15 * flats[:, 1] + 8 * flats[:, 2] - 25 * flats[:, 3]
    prices = 1000 * (worth + 12 * torch.randn(1500))  # <- fault

    model = Prices(args.hidden)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(args.epochs):
        for rows in torch.randperm(1200).split(40):
            optimizer.zero_grad()
            nn.functional.l1_loss(model(flats[rows]), prices[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            off = nn.functional.l1_loss(model(flats[1200:]), prices[1200:])
        print(f"epoch {epoch + 1}: off by {off:.0f}")


if __name__ == "__main__":
    main()
