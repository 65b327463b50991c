"""Digits in bfloat16, to save memory."""
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).bfloat16(), torch.tensor(X_test).bfloat16()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
model = model.bfloat16()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = torch.nn.CrossEntropyLoss()

for epoch in range(10):
    for rows in torch.randperm(len(X_train)).split(64):
        optimizer.zero_grad()
        loss = criterion(model(X_train[rows]), y_train[rows])
        loss.backward()
        optimizer.step()

with torch.no_grad():
    print("accuracy", (model(X_test).argmax(1) == y_test).float().mean().item())
