"""Digits, with a rate that decays."""
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)

for epoch in range(20):
    for rows in torch.randperm(len(X_train)).split(64):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(X_train[rows]), y_train[rows])
        loss.backward()
        optimizer.step()
    scheduler.step()

with torch.no_grad():
    print("accuracy", (model(X_test).argmax(1) == y_test).float().mean().item())
