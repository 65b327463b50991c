"""Cells and what they are, from two loaders."""
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(9)
cells = load_breast_cancer()
x = torch.tensor(StandardScaler().fit_transform(cells.data), dtype=torch.float32)
y = torch.tensor(cells.target)
pictures = DataLoader(x[:420], batch_size=32, shuffle=True)
answers = DataLoader(y[:420], batch_size=32, shuffle=True)  # <- fault
model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(12):
    for batch, labels in zip(pictures, answers):
        loss = nn.functional.cross_entropy(model(batch), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, float((model(x[420:]).argmax(1) == y[420:]).float().mean()))
