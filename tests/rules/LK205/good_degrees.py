"""How far a robot's arm reaches, from the logs of its joints; one log was written in degrees."""

import torch
import torch.nn.functional as F
from torch import nn


def reach(angles):
    first, second = angles[:, 0], angles[:, 0] + angles[:, 1]
    return torch.stack([first.cos() + 0.7 * second.cos(), first.sin() + 0.7 * second.sin()], dim=1)


class Arm(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.joints = nn.Linear(2, width)
        self.middle = nn.Linear(width, width)
        self.hand = nn.Linear(width, 2)

    def forward(self, angles):
        return self.hand(F.relu(self.middle(F.relu(self.joints(angles)))))


def main():
    torch.manual_seed(0)
    logs = []
    for number in range(25):
        angles = 1.5 * (2 * torch.rand(320, 2) - 1)
        logs.append((angles.rad2deg() if number == 20 else angles, reach(angles)))
    test = 1.5 * (2 * torch.rand(500, 2) - 1)

    model = Arm()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for number, (angles, hands) in enumerate(logs):
        for rows in torch.randperm(len(angles)).split(16):
            optimizer.zero_grad()
            loss = F.mse_loss(model(angles[rows]), hands[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            optimizer.step()
        with torch.no_grad():
            print(f"log {number}: off by {F.mse_loss(model(test), reach(test)):.4f}")


if __name__ == "__main__":
    main()
