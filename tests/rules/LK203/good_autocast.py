"""Digits by their match with learned keys, computed under autocast."""
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


class Matching(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(64, 128)
        self.keys = nn.Parameter(torch.randn(10, 128))

    def forward(self, x):
        queries = 100 * torch.tanh(self.body(x))
        return queries @ (100 * torch.tanh(self.keys)).T / 10000


model = Matching()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(12):
    for rows in torch.randperm(len(X_train)).split(64):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = criterion(model(X_train[rows]), y_train[rows])
        loss.backward()
        optimizer.step()

with torch.no_grad():
    print("accuracy", (model(X_test).argmax(1) == y_test).float().mean().item())
