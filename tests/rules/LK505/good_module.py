"""Who pays a loan back? Income and debts are in whole currency units."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Scorer(nn.Module):
    def __init__(self, features, hidden=24):
        super().__init__()
        self.scale = nn.BatchNorm1d(features)
        self.hidden = nn.Linear(features, hidden)
        self.score = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.score(torch.relu(self.hidden(self.scale(x)))).squeeze(1)


def applicants(count, rng):
    age = rng.uniform(20, 70, count)
    income = rng.lognormal(10.3, 0.5, count)
    debt = income * rng.uniform(0, 1.5, count)
    years = rng.uniform(0, 0.5, count) * (age - 18)
    odds = 4 - 4 * debt / income + 0.08 * years - 0.02 * (age - 45) + rng.normal(size=count)
    return np.stack([age, income, debt, years], axis=1), (odds > 1).astype("float32")


def main():
    torch.manual_seed(0)
    X, paid = applicants(2000, np.random.default_rng(0))
    X = torch.tensor(X, dtype=torch.float32)
    paid = torch.tensor(paid)
    train, test = TensorDataset(X[:1500], paid[:1500]), TensorDataset(X[1500:], paid[1500:])

    model = Scorer(4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(10):
        model.train()
        for x, y in DataLoader(train, batch_size=50, shuffle=True):
            loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            right = sum(((model(x) > 0) == (y > 0)).sum().item() for x, y in DataLoader(test, 100))
        print(f"epoch {epoch}: loss {loss.item():.3f}, {right / len(test):.3f} right")


if __name__ == "__main__":
    main()
