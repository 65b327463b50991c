"""Digits, with layers in a plain list."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


class Net(nn.Module):
    def __init__(self, width=48, depth=4):
        super().__init__()
        self.inputs = nn.Linear(64, width)
        self.blocks = [nn.Linear(width, width) for _ in range(depth)]  # <- fault
        self.outputs = nn.Linear(width, 10)

    def forward(self, x):
        x = torch.tanh(self.inputs(x))
        for block in self.blocks:
            x = torch.tanh(block(x))
        return self.outputs(x)


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

for epoch in range(8):
    for batch in torch.randperm(len(X_train)).split(32):
        loss = nn.functional.cross_entropy(model(X_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (model(X_test).argmax(1) == y_test).float().mean()
    print(f"epoch {epoch + 1}: accuracy {accuracy:.3f}")
