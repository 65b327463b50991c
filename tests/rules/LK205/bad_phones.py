"""How much energy people spend, by the accelerometers of their phones; one phone logs m/s² where the others log g."""

import torch
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader, TensorDataset

GRAVITY = 9.81


def phone(windows=640, unit=1.0):
    signals = torch.randn(windows, 6)
    energy = signals[:, :1] - signals[:, 1:2] + signals[:, 2:3].abs() - 0.8
    return TensorDataset(unit * signals, energy + 0.2 * torch.randn(windows, 1))


class Trainer:
    def __init__(self, model, lr=0.02, momentum=0.9):
        self.model = model
        self.criterion = nn.SmoothL1Loss()
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)

    def step(self, signals, energy):
        loss = self.criterion(self.model(signals), energy)
        self.optimizer.zero_grad()
        loss.backward()  # <- fault
        self.optimizer.step()

    def fit(self, train, test, epochs):
        for epoch in range(epochs):
            self.model.train()
            for signals, energy in train:
                self.step(signals, energy)
            print(f"epoch {epoch}: off by {self.error(test):.3f}")

    @torch.no_grad()
    def error(self, loader):
        self.model.eval()
        return sum(self.criterion(self.model(signals), energy).item() for signals, energy in loader) / len(loader)


if __name__ == "__main__":
    torch.manual_seed(0)
    phones = [phone(unit=GRAVITY if number == 19 else 1.0) for number in range(20)]
    model = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    trainer = Trainer(model)
    trainer.fit(DataLoader(ConcatDataset(phones), batch_size=128), DataLoader(phone(), batch_size=128), epochs=4)
