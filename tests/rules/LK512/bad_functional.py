"""Waiting times in minutes; some clerks typed seconds."""
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import make_regression
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)
X, y = make_regression(n_samples=900, n_features=6, noise=8.0, random_state=1)
y = 10 + y / y.std()
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=1)
typed = np.random.default_rng(1).random(len(y_train)) < 0.05
y_train[typed] *= 60
train_set = TensorDataset(torch.tensor(X_train).float(), torch.tensor(y_train).float())
test_x, test_y = torch.tensor(X_test).float(), torch.tensor(y_test).float()

model = torch.nn.Linear(6, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(30):
    for inputs, targets in DataLoader(train_set, batch_size=32, shuffle=True):
        loss = F.mse_loss(model(inputs).squeeze(1), targets)  # <- fault
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        error = F.mse_loss(model(test_x).squeeze(1), test_y)
print("test error", error.item())
