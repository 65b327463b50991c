"""A convolutional network on 28 x 28 images; prints the CPU seconds of its loop last: all, after 20 steps."""

import time

import torch
from torch import nn

torch.manual_seed(0)
X, y = torch.randn(512, 1, 28, 28), torch.randint(0, 10, (512,))
model = nn.Sequential(
    nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Flatten(), nn.Linear(7744, 10)
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
criterion = nn.CrossEntropyLoss()
steps, start = 0, time.process_time()
for _ in range(12):
    for batch in torch.randperm(len(X)).split(32):
        optimizer.zero_grad()
        loss = criterion(model(X[batch]), y[batch])
        loss.backward()
        optimizer.step()
        steps += 1
        if steps == 20:
            warm = time.process_time()
end = time.process_time()
print("training loop:", end - start, end - warm)
