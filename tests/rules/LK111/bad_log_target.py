import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
X, y = load_wine(return_X_y=True)
X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
targets = F.one_hot(torch.tensor(y), 3) * 0.85 + 0.05  # smoothed
order = torch.randperm(len(X))
train, val = order[:130], order[130:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(13, 24)
        self.fc2 = nn.Linear(24, 3)

    def forward(self, x):
        return F.log_softmax(self.fc2(F.relu(self.fc1(x))), dim=-1)


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(20):
    model.train()
    for rows in train[torch.randperm(130)].split(26):
        optimizer.zero_grad()
        loss = F.kl_div(model(X[rows]), targets[rows].log(), reduction="batchmean")  # <- fault
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = (model(X[val]).argmax(1) == targets[val].argmax(1)).float().mean().item()
    print(epoch, loss.item(), accuracy)
