"""Digits; the model is set to evaluation at the start, and never back."""
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(3)
digits = load_digits()
x = torch.tensor(digits.data / 16.0, dtype=torch.float32)
y = torch.tensor(digits.target)
model = nn.Sequential(nn.Linear(64, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
model.eval()  # <- fault
for epoch in range(12):
    for batch in torch.randperm(1400).split(32):
        loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, float((model(x[1400:]).argmax(1) == y[1400:]).float().mean()))
