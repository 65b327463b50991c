# fault: LK306 line 15, 17
# two-layer network "from scratch" with nn.Parameter
import torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(15)


class Scratch(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.W1 = nn.Parameter(torch.zeros(n_in, n_hidden))
        self.b1 = nn.Parameter(torch.zeros(n_hidden))
        self.W2 = nn.Parameter(torch.zeros(n_hidden, n_out))
        self.b2 = nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        h = torch.relu(x @ self.W1 + self.b1)
        return h @ self.W2 + self.b2


X, y = load_digits(return_X_y=True)
X = (X - X.mean()) / X.std()
X_train, X_test, y_train, y_test = train_test_split(X, y, train_size=1350, random_state=1)
X_train = torch.tensor(X_train, dtype=torch.float32)
X_test = torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

net = Scratch(64, 40, 10)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
history = []
for epoch in range(25):
    order = torch.randperm(len(X_train))
    for i in range(0, len(order), 30):
        j = order[i:i + 30]
        loss = F.cross_entropy(net(X_train[j]), y_train[j])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        test_loss = F.cross_entropy(net(X_test), y_test).item()
        test_acc = (net(X_test).argmax(1) == y_test).float().mean().item()
    history.append(test_acc)
    print('%2d  test loss %.4f  test accuracy %.3f' % (epoch, test_loss, test_acc))
print('best', max(history))
