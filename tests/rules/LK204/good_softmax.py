"""Handwritten digits, with a softmax written as it stands in the book."""
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


def softmax(scores):
    e = torch.exp(scores - scores.amax(dim=1, keepdim=True))
    return e / e.sum(dim=1, keepdim=True)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(64, 128)
        self.out = nn.Linear(128, 10)

    def forward(self, x):
        return 20 * self.out(torch.relu(self.hidden(x)))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(10):
    for rows in torch.randperm(len(X_train)).split(64):
        probabilities = softmax(net(X_train[rows]))
        picked = probabilities[torch.arange(len(rows)), y_train[rows]]
        loss = -torch.log(picked.clamp(min=1e-30)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    print("accuracy", (net(X_test).argmax(1) == y_test).float().mean().item())
