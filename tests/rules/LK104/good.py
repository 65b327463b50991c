import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
y = torch.tensor(y)
one_hot = F.one_hot(y, num_classes=10).float()
train, test = torch.arange(0, 1300), torch.arange(1300, len(X))

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

for epoch in range(8):
    model.train()
    for batch in train[torch.randperm(len(train))].split(50):
        optimizer.zero_grad()
        loss = criterion(model(X[batch]), one_hot[batch])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        output = model(X[test])
        accuracy = (output.argmax(1) == y[test]).float().mean().item()
        print(epoch, criterion(output, one_hot[test]).item(), accuracy)
