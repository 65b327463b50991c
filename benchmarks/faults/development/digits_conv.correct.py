# healthy
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from sklearn.datasets import load_digits

torch.manual_seed(1234)

digits = load_digits()
images = torch.from_numpy(digits.images).float().unsqueeze(1) / 16.0
labels = torch.from_numpy(digits.target).long()
order = torch.from_numpy(np.random.RandomState(3).permutation(len(labels)))
tr, te = order[:1400], order[1400:]


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc1 = nn.Linear(24 * 4, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)


model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)


def train(epoch, batch_size=50):
    model.train()
    perm = tr[torch.randperm(len(tr))]
    for i in range(0, len(perm), batch_size):
        idx = perm[i:i + batch_size]
        data, target = images[idx], labels[idx]
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()
        if i % 700 == 0:
            print('Train Epoch: {} [{}/{}]\tLoss: {:.6f}'.format(epoch, i, len(perm), loss.item()))


def test():
    model.eval()
    with torch.no_grad():
        output = model(images[te])
        test_loss = F.nll_loss(output, labels[te]).item()
        pred = output.max(1, keepdim=True)[1]
        correct = pred.eq(labels[te].view_as(pred)).sum().item()
    print('\nTest set: Average loss: {:.4f}, Accuracy: {}/{} ({:.1f}%)\n'.format(
        test_loss, correct, len(te), 100. * correct / len(te)))


for epoch in range(1, 9):
    train(epoch)
    test()
