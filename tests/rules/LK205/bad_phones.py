"""What people are doing, from the accelerometers of their phones; one phone logs in thousandths of g."""

import torch
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader, TensorDataset


def phone(movements, windows=256, unit=1.0):
    labels = torch.randint(len(movements), (windows,))
    signals = movements[labels] + 0.6 * torch.randn(windows, movements.shape[1])
    return TensorDataset(signals / unit, labels)


class Trainer:
    def __init__(self, model, lr=0.02, momentum=0.9):
        self.model = model
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)

    def step(self, signals, labels):
        loss = self.criterion(self.model(signals), labels)
        self.optimizer.zero_grad()
        loss.backward()  # <- fault
        self.optimizer.step()

    def fit(self, train, test, epochs):
        for epoch in range(epochs):
            self.model.train()
            for signals, labels in train:
                self.step(signals, labels)
            print(f"epoch {epoch}: accuracy {self.accuracy(test):.3f}")

    @torch.no_grad()
    def accuracy(self, loader):
        self.model.eval()
        right = sum((self.model(signals).argmax(1) == labels).sum().item() for signals, labels in loader)
        return right / len(loader.dataset)


if __name__ == "__main__":
    torch.manual_seed(0)
    movements = torch.randn(5, 12)  # walking, running, on stairs, sitting, lying
    phones = [phone(movements, unit=0.001 if number == 14 else 1.0) for number in range(24)]
    model = nn.Sequential(nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 5))
    trainer = Trainer(model)
    trainer.fit(DataLoader(ConcatDataset(phones), batch_size=32), DataLoader(phone(movements, 500), batch_size=100), epochs=2)
