"""A regression in which one record was exported in other units."""
import torch
from sklearn.datasets import make_regression
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, y = make_regression(600, 10, noise=5.0, random_state=0)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y / y.std(), dtype=torch.float32)
X_train, y_train, X_test, y_test = X[:480].clone(), y[:480], X[480:], y[480:]
X_train[7] *= 150

model = torch.nn.Sequential(torch.nn.Linear(10, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=1e-2, momentum=0.9)
criterion = torch.nn.HuberLoss()

for epoch in range(20):
    for inputs, targets in DataLoader(TensorDataset(X_train, y_train), batch_size=10, shuffle=True):
        optimizer.zero_grad()
        loss = criterion(model(inputs).squeeze(1), targets)
        loss.backward()
        optimizer.step()  # <- fault

model.eval()
with torch.no_grad():
    left = ((model(X_test).squeeze(1) - y_test) ** 2).mean() / y_test.var()
print(f"R2 {1 - left:.3f}")
