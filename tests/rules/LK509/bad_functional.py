"""Breast cancer, with a dropout that forgets the mode."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(0)

data = load_breast_cancer()
X = torch.tensor(StandardScaler().fit_transform(data.data), dtype=torch.float32)
y = torch.tensor(data.target, dtype=torch.float32)
order = torch.randperm(len(X))
train, test = order[:400], order[400:]


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(30, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.dropout(x, p=0.5)  # <- fault
        return self.fc2(x).squeeze(1)


clf = Classifier()
optimizer = torch.optim.Adam(clf.parameters(), lr=1e-3)
for epoch in range(20):
    clf.train()
    for idx in train[torch.randperm(len(train))].split(40):
        loss = F.binary_cross_entropy_with_logits(clf(X[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    clf.eval()
    with torch.no_grad():
        out = clf(X[test])
        print(
            epoch,
            F.binary_cross_entropy_with_logits(out, y[test]).item(),
            ((out > 0) == (y[test] > 0.5)).float().mean(),
        )
