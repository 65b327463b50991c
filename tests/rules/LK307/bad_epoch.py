"""Digits, in a Trainer class that clears the gradients once per epoch."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


class Trainer:
    def __init__(self, net, rate):
        self.net = net
        self.optimizer = torch.optim.Adam(net.parameters(), lr=rate)
        self.loss = nn.CrossEntropyLoss()

    def epoch(self, size=24):
        self.net.train()
        self.optimizer.zero_grad()  # <- fault
        for batch in torch.randperm(len(X_train)).split(size):
            self.loss(self.net(X_train[batch]), y_train[batch]).backward()
            self.optimizer.step()

    @torch.no_grad()
    def accuracy(self):
        self.net.eval()
        return (self.net(X_test).argmax(dim=1) == y_test).float().mean().item()


trainer = Trainer(nn.Sequential(nn.Linear(64, 128), nn.Tanh(), nn.Linear(128, 10)), rate=3e-3)
for number in range(10):
    trainer.epoch()
    print(number, round(trainer.accuracy(), 3))
