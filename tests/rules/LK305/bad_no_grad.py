"""Digits as sequences of rows, with a recurrent network in front of the classifier."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
X_train, X_test = X_train.view(-1, 8, 8), X_test.view(-1, 8, 8)


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = nn.GRU(8, 12, batch_first=True)
        self.head = nn.Linear(12, 10)

    def forward(self, x):
        with torch.no_grad():  # <- fault
            _, last = self.rows(x)
        return self.head(last[0])


model = Reader()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(8):
    model.train()
    for batch in torch.randperm(len(X_train)).split(48):
        loss = nn.functional.cross_entropy(model(X_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = (model(X_test).argmax(1) == y_test).float().mean()
    print(f"epoch {epoch + 1}: accuracy {accuracy:.3f}")
