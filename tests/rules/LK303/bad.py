"""Handwritten digits, with rectified units whose biases start far below zero."""
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

digits = load_digits()
images = torch.tensor(digits.data / 16.0, dtype=torch.float32)
labels = torch.tensor(digits.target)
train, test = train_test_split(torch.arange(len(images)), test_size=0.2, random_state=0)

model = nn.Sequential(
    nn.Linear(64, 128),
    nn.ReLU(),
    nn.Linear(128, 10),
)
for module in model:
    if isinstance(module, nn.Linear):
        nn.init.constant_(module.bias, -4.0)  # <- fault

optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

for epoch in range(15):
    for batch in train[torch.randperm(len(train))].split(64):
        loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    accuracy = (model(images[test]).argmax(1) == labels[test]).float().mean().item()
print("test accuracy", round(accuracy, 3))
