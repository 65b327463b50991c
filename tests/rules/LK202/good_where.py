"""A regression with a penalty that is only meant for positive predictions."""
import numpy as np
import torch

torch.manual_seed(0)
generator = np.random.default_rng(0)
X = generator.normal(size=(2000, 8)).astype("float32")
y = (X @ generator.normal(size=8) + 0.1 * generator.normal(size=2000)).astype("float32")
X_train, y_train = torch.from_numpy(X[:1600]), torch.from_numpy(y[:1600])
X_test, y_test = torch.from_numpy(X[1600:]), torch.from_numpy(y[1600:])

model = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = torch.nn.MSELoss()

for epoch in range(20):
    for rows in torch.randperm(len(X_train)).split(50):
        prediction = model(X_train[rows]).squeeze(1)
        sparsity = torch.where(prediction > 0, torch.sqrt(prediction.clamp(min=1e-6)), torch.zeros_like(prediction))
        loss = criterion(prediction, y_train[rows]) + 1e-3 * sparsity.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    left = ((model(X_test).squeeze(1) - y_test) ** 2).mean() / y_test.var()
print(f"R2 {1 - left:.3f}")
