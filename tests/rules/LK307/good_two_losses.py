"""Digits: the class and the amount of ink, with a backward for each."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
ink_train, ink_test = X_train.mean(1, keepdim=True) * 10, X_test.mean(1, keepdim=True) * 10

trunk = nn.Sequential(nn.Linear(64, 64), nn.ReLU())
digit, ink = nn.Linear(64, 10), nn.Linear(64, 1)
optimizers = [
    torch.optim.Adam([*trunk.parameters(), *digit.parameters()], lr=2e-3),
    torch.optim.SGD(ink.parameters(), lr=0.01),
]

for epoch in range(10):
    for batch in torch.randperm(len(X_train)).split(32):
        shared = trunk(X_train[batch])
        nn.functional.cross_entropy(digit(shared), y_train[batch]).backward(retain_graph=True)
        (0.1 * nn.functional.mse_loss(ink(shared), ink_train[batch])).backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
    with torch.no_grad():
        accuracy = (digit(trunk(X_test)).argmax(1) == y_test).float().mean()
    print(f"epoch {epoch + 1}: accuracy {accuracy:.3f}")
