# fault: LK506 line 10
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_diabetes

torch.manual_seed(14)
data = load_diabetes()
X = (data.data - data.data.mean(0)) / data.data.std(0)
y = data.target
order = np.random.RandomState(14).permutation(len(y))
X, y = torch.Tensor(X[order]), torch.Tensor(y[order]).view(-1, 1)
train_x, train_y = X[:340], y[:340]
test_x, test_y = X[340:], y[340:]


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(10, 40)
        self.fc2 = nn.Linear(40, 40)
        self.fc3 = nn.Linear(40, 1)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


def evaluate(model, criterion):
    model.eval()
    with torch.no_grad():
        return criterion(model(test_x), test_y).item()


model = MLP()
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
for epoch in range(20):
    model.train()
    for i in range(0, len(train_x), 20):
        optimizer.zero_grad()
        output = model(train_x[i:i + 20])
        loss = criterion(output, train_y[i:i + 20])
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "train", loss.item(), "test", evaluate(model, criterion))
