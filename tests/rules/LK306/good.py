"""A deep classifier of wines, with He's normal initial weights."""

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(0)

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
scaler = StandardScaler().fit(X_train)
X_train, X_test = (torch.tensor(scaler.transform(part), dtype=torch.float32) for part in (X_train, X_test))
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


def initialise(module):
    if isinstance(module, nn.Linear):
        nn.init.kaiming_normal_(module.weight)
        nn.init.zeros_(module.bias)


layers = [nn.Linear(13, 64), nn.ReLU()]
for _ in range(4):
    layers += [nn.Linear(64, 64), nn.ReLU()]
model = nn.Sequential(*layers, nn.Linear(64, 3))
model.apply(initialise)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

for epoch in range(30):
    model.train()
    for batch in torch.randperm(len(X_train)).split(16):
        loss = nn.functional.cross_entropy(model(X_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = (model(X_test).argmax(1) == y_test).float().mean()
    print(f"epoch {epoch + 1}: loss {loss.item():.4g}, accuracy {accuracy:.3f}")
