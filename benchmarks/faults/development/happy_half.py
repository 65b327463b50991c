# fault: LK203 line 11, 12, 29
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(21)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=4, stratify=y)
X_train = torch.tensor(X_train).half()
X_test = torch.tensor(X_test).half()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


class HappyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 128)
        self.fc2 = nn.Linear(128, 64)
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.out(x)


net = HappyNet().half()      # halves the memory of the model
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)


def accuracy():
    net.eval()
    with torch.no_grad():
        return (net(X_test).argmax(1) == y_test).float().mean().item()


batch = 32
for epoch in range(1, 16):
    net.train()
    order = torch.randperm(len(X_train))
    losses = []
    for start in range(0, len(order), batch):
        take = order[start:start + batch]
        optimizer.zero_grad()
        loss = criterion(net(X_train[take]), y_train[take])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print('epoch', epoch, 'loss', round(sum(losses) / len(losses), 4), 'test acc', round(accuracy(), 4))
