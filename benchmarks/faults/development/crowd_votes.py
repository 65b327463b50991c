# fault: LK504 line 25
"""Five volunteers marked every image; train a classifier on their answers."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits

torch.manual_seed(23)
CLASSES = 10
ERROR_RATES = (0.75, 0.3, 0.2, 0.3, 0.25)


def collect_votes(truth, rng):
    columns = []
    for rate in ERROR_RATES:
        answer = truth.copy()
        wrong = rng.random(len(truth)) < rate
        answer[wrong] = rng.integers(0, CLASSES, wrong.sum())
        columns.append(answer)
    return np.stack(columns, axis=1)


def consensus(votes):
    return votes[:, 0]


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, CLASSES))

    def forward(self, x):
        return self.net(x)


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def main():
    rng = np.random.default_rng(23)
    d = load_digits()
    order = rng.permutation(len(d.target))
    x = torch.tensor(d.data[order] / 16.0, dtype=torch.float32)
    truth = d.target[order]
    votes = collect_votes(truth[:1200], rng)
    y = torch.tensor(consensus(votes))
    gold_x, gold_y = x[1200:], torch.tensor(truth[1200:])
    loader = DataLoader(TensorDataset(x[:1200], y), batch_size=32, shuffle=True)

    model = Classifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(40):
        model.train()
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(yb)
        if epoch % 8 == 7:
            print(f"epoch {epoch + 1}: loss {total / 1200:.4f} gold accuracy {evaluate(model, gold_x, gold_y):.4f}")
    print("gold accuracy", round(evaluate(model, gold_x, gold_y), 4))


main()
