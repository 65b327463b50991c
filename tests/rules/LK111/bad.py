"""A small network learns what a large one thinks."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
order = torch.randperm(len(X))
X, y = X[order], y[order]
X_train, y_train, X_val, y_val = X[:1400], y[:1400], X[1400:], y[1400:]

table = torch.softmax(6 * torch.eye(10) + torch.rand(10, 10), dim=1)
teacher_probabilities = table[y_train]  # as a large network put them out

student = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))
criterion = nn.KLDivLoss(reduction="batchmean")
optimizer = torch.optim.Adam(student.parameters(), lr=5e-3)
for epoch in range(10):
    student.train()
    for rows in torch.randperm(1400).split(64):
        probabilities = F.softmax(student(X_train[rows]), dim=1)  # <- fault
        loss = criterion(probabilities, teacher_probabilities[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    student.eval()
    with torch.no_grad():
        accuracy = (student(X_val).argmax(1) == y_val).float().mean().item()
    print(epoch, loss.item(), accuracy)
