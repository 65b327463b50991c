"""Wine cultivars with dropout after each layer."""

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn, optim

torch.manual_seed(6)
DROP = 0.97  # <- fault

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=6, stratify=y)
scaler = StandardScaler().fit(X_train)
X_train, X_test = (torch.tensor(scaler.transform(part)).float() for part in (X_train, X_test))
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

net = nn.Sequential(
    nn.Linear(13, 32),
    nn.ReLU(),
    nn.Dropout(DROP),  # <- fault
    nn.Linear(32, 16),
    nn.ReLU(),
    nn.Dropout(DROP),
    nn.Linear(16, 3),
)
optimizer = optim.Adam(net.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(40):
    net.train()
    for rows in torch.randperm(len(X_train)).split(16):
        optimizer.zero_grad()
        loss_fn(net(X_train[rows]), y_train[rows]).backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        print(epoch, (net(X_test).argmax(1) == y_test).float().mean().item())
