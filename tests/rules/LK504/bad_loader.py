"""Four kinds of points; a third of the kinds was guessed."""
import torch
import torch.nn.functional as F
from sklearn.datasets import make_blobs
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2)
points, kinds = make_blobs(1200, n_features=10, centers=4, cluster_std=3.0, random_state=2)
points = torch.tensor((points - points.mean(0)) / points.std(0), dtype=torch.float32)
kinds = torch.tensor(kinds)
train_kinds = kinds[:800].clone()
guessed = torch.rand(800) < 0.5
train_kinds[guessed] = torch.randint(0, 4, (int(guessed.sum()),))  # <- fault
train = DataLoader(TensorDataset(points[:800], train_kinds), batch_size=16, shuffle=True)
test = DataLoader(TensorDataset(points[800:], kinds[800:]), batch_size=100)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.one = torch.nn.Linear(10, 128)
        self.two = torch.nn.Linear(128, 128)
        self.out = torch.nn.Linear(128, 4)

    def forward(self, x):
        return self.out(F.relu(self.two(F.relu(self.one(x)))))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(25):
    for inputs, targets in train:
        optimizer.zero_grad()
        F.cross_entropy(net(inputs), targets).backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        correct = sum((net(inputs).argmax(1) == targets).sum().item() for inputs, targets in test)
    net.train()
    print(epoch, correct / 400)
