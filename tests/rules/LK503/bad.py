"""Fraud among many ordinary payments."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(0)
torch.manual_seed(0)

payments = rng.normal(size=(4000, 8)).astype("float32")
suspicion = payments[:, 0] + 0.8 * payments[:, 1] - 0.6 * payments[:, 2] + rng.normal(scale=1.5, size=4000)
fraud = (suspicion > np.quantile(suspicion, 0.97)).astype("int64")

train = TensorDataset(torch.from_numpy(payments[:3000]), torch.from_numpy(fraud[:3000]))
held_out = TensorDataset(torch.from_numpy(payments[3000:]), torch.from_numpy(fraud[3000:]))
loader = DataLoader(train, batch_size=100, shuffle=True)

model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
criterion = nn.CrossEntropyLoss()  # <- fault
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

for epoch in range(8):
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    model.eval()
    with torch.no_grad():
        for x, y in DataLoader(held_out, batch_size=1000):
            predicted = model(x)
            print(f"epoch {epoch + 1}: loss {criterion(predicted, y):.3f}, frauds found {predicted.argmax(1)[y == 1].sum()}")
    model.train()
