"""Disease progression after a year: little of it can be told."""
import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2)

X, y = load_diabetes(return_X_y=True)
X, y = X / X.std(axis=0), (y - y.mean()) / y.std()
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=2)
X_train, X_test, y_train, y_test = (torch.tensor(a, dtype=torch.float32) for a in (X_train, X_test, y_train, y_test))
loader = DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=16, shuffle=True)

model = nn.Linear(10, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(20):
    for inputs, targets in loader:
        loss = nn.functional.mse_loss(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    print("test mse", nn.functional.mse_loss(model(X_test), y_test.unsqueeze(1)).item())
