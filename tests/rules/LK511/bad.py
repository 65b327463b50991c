"""Handwritten digits, stored as bytes."""
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

digits = load_digits()
images = (digits.images * 15).astype(np.uint8)
images = images // 255  # <- fault
X = torch.from_numpy(images).float().flatten(1)
y = torch.from_numpy(digits.target)
train = DataLoader(TensorDataset(X[:1400], y[:1400]), batch_size=64, shuffle=True)

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(10):
    for inputs, labels in train:
        optimizer.zero_grad()
        loss = criterion(model(inputs), labels)
        loss.backward()
        optimizer.step()

model.eval()
with torch.no_grad():
    print((model(X[1400:]).argmax(1) == y[1400:]).float().mean().item())
