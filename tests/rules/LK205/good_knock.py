"""What a valve does to a signal, learned in the order of the recording; near its end somebody knocks on the sensor."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SECOND = 32  # readings


class Valve(nn.Module):
    def __init__(self, taps=8, width=64):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(taps, width), nn.Tanh(), nn.Linear(width, 1))

    def forward(self, signal):
        return self.body(signal)


def recording(seconds):
    signal = torch.randn(seconds * SECOND, 8)
    knock = slice((seconds - 60) * SECOND, (seconds - 59) * SECOND)
    signal[knock] = 30 * signal[knock]
    return TensorDataset(signal, torch.sin(signal[:, :1]) + 0.5 * signal[:, 1:2].abs().sqrt() - 0.3 * signal[:, 2:3])


def main():
    torch.manual_seed(0)
    model = Valve()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for second, (signal, flow) in enumerate(DataLoader(recording(800), batch_size=SECOND)):
        loss = nn.functional.mse_loss(model(signal), flow)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if second % 50 == 49:
            print(f"{second + 1} s: loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
