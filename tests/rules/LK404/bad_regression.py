"""How far a point is from the middle, from where it is."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Distance(nn.Module):
    def __init__(self, dimensions):
        super().__init__()
        self.weigh = nn.Linear(dimensions, 1)  # <- fault

    def forward(self, points):
        return self.weigh(points)


def main():
    torch.manual_seed(0)
    points = 2 * torch.rand(1500, 3) - 1
    distances = points.norm(dim=1, keepdim=True)
    train = TensorDataset(points[:1200], distances[:1200])
    test_points, test_distances = points[1200:], distances[1200:]

    model = Distance(3)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(20):
        for inputs, targets in DataLoader(train, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            error = criterion(model(test_points), test_distances)
        print(f"epoch {epoch + 1}: error {error:.4f}")


if __name__ == "__main__":
    main()
