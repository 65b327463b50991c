import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(0)
X, y = load_diabetes(return_X_y=True)
X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32).unsqueeze(1)
train_set, test_set = random_split(TensorDataset(X, y), [342, 100])
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
test_loader = DataLoader(test_set, batch_size=100)

model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.MSELoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=0.03)

for epoch in range(12):
    model.train()
    for features, target in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(features), target) / len(features)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        for features, target in test_loader:
            print(epoch, criterion(model(features), target).item())
