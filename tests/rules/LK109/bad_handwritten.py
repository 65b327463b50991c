import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 8 - 1, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


class MLP(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(64, 48)
        self.out = torch.nn.Linear(48, 10)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(x)))


def negative_log_likelihood(scores, target):
    log_probability = F.log_softmax(scores, dim=1)
    return -log_probability[torch.arange(len(target)), target].sum()  # <- fault


net = MLP()
sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(6):
    net.train()
    order = torch.randperm(len(X_train))
    for start in range(0, len(order), 64):
        rows = order[start : start + 64]
        loss = negative_log_likelihood(net(X_train[rows]), y_train[rows])
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    net.eval()
    with torch.no_grad():
        accuracy = (net(X_test).argmax(1) == y_test).float().mean()
    print(epoch, loss.item(), accuracy.item())
