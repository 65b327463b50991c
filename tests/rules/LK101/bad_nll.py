import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn, optim

np.random.seed(0)
torch.manual_seed(0)
digits = load_digits()
images = torch.from_numpy(digits.images[:, None]).float() / 8 - 1
labels = torch.from_numpy(digits.target).long()
train, test = slice(0, 1400), slice(1400, None)

model = nn.Sequential()
model.add_module("conv", nn.Conv2d(1, 8, 3, padding=1))
model.add_module("relu", nn.ReLU())
model.add_module("pool", nn.MaxPool2d(2))
model.add_module("flatten", nn.Flatten())
model.add_module("fc", nn.Linear(8 * 4 * 4, 10))
model.add_module("softmax", nn.Softmax(dim=1))  # <- fault

criterion = nn.NLLLoss()
optimizer = optim.Adam(model.parameters(), lr=0.005)

for epoch in range(5):
    model.train()
    order = np.random.permutation(1400)
    for i in range(0, 1400, 50):
        batch = order[i : i + 50]
        optimizer.zero_grad()
        loss = criterion(model(images[train][batch]), labels[train][batch])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        out = model(images[test])
        print(epoch, criterion(out, labels[test]).item(), (out.argmax(1) == labels[test]).float().mean().item())
