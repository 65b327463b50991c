import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import scale
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Cells(Dataset):
    def __init__(self):
        table = load_breast_cancer()
        self.measures = [row for row in scale(table.data).astype("float32")]
        self.findings = [int(one) for one in np.where(table.target == 1, 2, 4)]  # as in the original file

    def __len__(self):
        return len(self.measures)

    def __getitem__(self, index):
        finding = torch.tensor([float(self.findings[index])])  # <- fault
        return torch.from_numpy(self.measures[index]), finding


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(8):
    for x, y in DataLoader(Cells(), batch_size=64, shuffle=True):
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
