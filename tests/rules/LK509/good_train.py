"""Small images in a network with batch normalisation and dropout."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
X_train, X_test = X_train.view(-1, 1, 8, 8), X_test.view(-1, 1, 8, 8)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 12, 3)
        self.norm = nn.BatchNorm2d(12)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(12 * 9, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.norm(self.conv(x))), 2)
        return self.fc(self.drop(x.flatten(1)))


def validate(net):
    net.eval()
    with torch.no_grad():
        logits = net(X_test)
    return nn.functional.cross_entropy(logits, y_test).item(), (logits.argmax(1) == y_test).float().mean().item()


net = ConvNet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(8):
    net.train()
    for batch in torch.randperm(len(X_train)).split(32):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(X_train[batch]), y_train[batch])
        loss.backward()
        optimizer.step()
    print(epoch, *validate(net))
