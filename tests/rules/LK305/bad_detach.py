"""An autoencoder with a classifier on its code, trained together."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 6))
        self.classifier = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 10))

    def forward(self, x):
        code = self.encoder(x).detach()  # <- fault
        return self.classifier(code)


coder = Coder()
optimizer = torch.optim.Adam(coder.parameters(), lr=1e-3)

for epoch in range(12):
    for batch in torch.randperm(len(X_train)).split(32):
        loss = nn.functional.cross_entropy(coder(X_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (coder(X_test).argmax(1) == y_test).float().mean()
    print(f"epoch {epoch + 1}: accuracy {accuracy:.3f}")
