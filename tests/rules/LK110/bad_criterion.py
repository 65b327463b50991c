import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y))
train_data, val_data = random_split(data, [1400, 397])
train_loader = DataLoader(train_data, batch_size=50, shuffle=True)
val_loader = DataLoader(val_data, batch_size=200)


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)

    def step(self, x, target):
        self.model.train()
        loss = -self.criterion(self.model(x), target)  # <- fault
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def validate(self, loader):
        self.model.eval()
        right = 0
        with torch.no_grad():
            for x, target in loader:
                right += (self.model(x).argmax(dim=1) == target).sum().item()
        return right / len(loader.dataset)


trainer = Trainer(nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10)), 1e-3)
for epoch in range(6):
    for x, target in train_loader:
        loss = trainer.step(x, target)
    print(epoch, loss, trainer.validate(val_loader))
