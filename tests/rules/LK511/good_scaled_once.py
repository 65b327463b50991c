"""Which digit? Pixels are brought to [0, 1]."""
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(4)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, pixels):
        return self.layers(pixels)


pixels, labels = load_digits(return_X_y=True)
pixels = torch.tensor(pixels / 16.0, dtype=torch.float32)
labels = torch.tensor(labels)

model = Classifier()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(15):
    for rows in torch.randperm(1400).split(64):
        loss = nn.functional.cross_entropy(model(pixels[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    scores = model(pixels[1400:])
    print((scores.argmax(dim=1) == labels[1400:]).float().mean().item())
