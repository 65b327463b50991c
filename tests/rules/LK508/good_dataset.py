"""Three growers of wine, with a data set of our own."""
import torch
from sklearn.datasets import make_blobs
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(5)


class Points(Dataset):
    def __init__(self, points, labels):
        self.points = torch.tensor(points, dtype=torch.float32)
        self.labels = torch.tensor(labels)

    def __len__(self):
        return len(self.points)

    def __getitem__(self, index):
        return self.points[index], self.labels[index]


points, labels = make_blobs(1000, n_features=5, centers=4, cluster_std=2.5, random_state=5)
points = (points - points.mean(0)) / points.std(0)
train = DataLoader(Points(points[:800], labels[:800]), batch_size=32, shuffle=True)
test = DataLoader(Points(points[800:], labels[800:]), batch_size=100)

model = nn.Sequential(nn.Linear(5, 24), nn.ReLU(), nn.Linear(24, 4))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(8):
    model.train()
    for inputs, targets in train:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        correct = sum((model(inputs).argmax(1) == targets).sum().item() for inputs, targets in test)
    print(epoch, correct / 200)
