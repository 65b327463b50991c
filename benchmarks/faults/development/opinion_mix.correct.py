# healthy
"""Predict how a panel's answers split over five options, from a description of the question."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
rng = np.random.default_rng(0)

questions = rng.normal(size=(1800, 10)).astype("float32")
mixing = rng.normal(size=(10, 5)) * 0.35
scores = questions @ mixing + 0.5 * np.tanh(questions[:, :5] * questions[:, 5:])
shares = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
counts = np.stack([rng.multinomial(200, p) for p in shares])
answers = (counts / 200).astype("float32")

train = TensorDataset(torch.tensor(questions[:1400]), torch.tensor(answers[:1400]))
x_val, y_val = torch.tensor(questions[1400:]), torch.tensor(answers[1400:])


class Panel(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(10, 48)
        self.fc2 = nn.Linear(48, 48)
        self.fc3 = nn.Linear(48, 5)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return F.log_softmax(self.fc3(x), dim=1)


net = Panel()
criterion = nn.KLDivLoss(reduction="batchmean")
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)

for epoch in range(25):
    net.train()
    running = 0.0
    for x, y in DataLoader(train, batch_size=50, shuffle=True):
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(x)
    net.eval()
    with torch.no_grad():
        predicted = net(x_val)
        predicted = predicted.exp()
        overlap = torch.minimum(predicted, y_val).sum(1).mean().item()
        rest = (y_val - predicted).pow(2).sum()
        r2 = 1 - rest / (y_val - y_val.mean(0)).pow(2).sum()
    if epoch % 4 == 0:
        print(f"epoch {epoch:2d}  loss {running / len(train):.4f}  overlap {overlap:.3f}  R2 {r2:.3f}")
