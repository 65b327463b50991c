"""Digits 0 to 4 first, then a new head for 5 to 9 on the same features."""
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(6)
digits = load_digits()
x = torch.tensor(digits.data / 16.0, dtype=torch.float32)
y = torch.tensor(digits.target)


def train(model, optimizer, x, y):
    for epoch in range(12):
        for batch in torch.randperm(len(x) * 3 // 4).split(32):
            loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            held_out = slice(len(x) * 3 // 4, None)
            print(epoch, float((model(x[held_out]).argmax(1) == y[held_out]).float().mean()))


model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 5))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
train(model, optimizer, x[y < 5], y[y < 5])
for parameter in model[0].parameters():
    parameter.requires_grad_(False)
model[2] = nn.Linear(48, 5)
optimizer = torch.optim.Adam(model[2].parameters(), lr=3e-3)
train(model, optimizer, x[y >= 5], y[y >= 5] - 5)
