"""Each class's mean counts alike, however rare the class is."""

import torch
import torch.nn.functional as F
from sklearn.datasets import make_classification
from torch import nn

torch.manual_seed(0)
X, y = make_classification(1500, 12, n_informative=6, weights=[0.93], class_sep=1.5, flip_y=0, random_state=0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
X_train, y_train, X_test, y_test = X[:1100], y[:1100], X[1100:], y[1100:]


class Detector(nn.Module):
    def __init__(self, features, hidden=24):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(features, hidden), nn.ReLU())
        self.head = nn.Linear(hidden, 2)

    def forward(self, x):
        return self.head(self.body(x))


def balanced_loss(logits, target):
    losses = F.cross_entropy(logits, target, reduction="none")
    positive = (target == 1).float()
    negative = 1 - positive
    positives = positive.sum()
    loss_positive = (losses * positive).sum() / positives  # <- fault
    loss_negative = (losses * negative).sum() / negative.sum()
    return 0.5 * (loss_positive + loss_negative)


model = Detector(X.shape[1])
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(10):
    model.train()
    for batch in torch.randperm(len(X_train)).split(32):
        loss = balanced_loss(model(X_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        decided = model(X_test).argmax(1)
    print(f"{epoch} {loss.item():.4f} {(decided == y_test).float().mean().item():.3f}")
