# healthy
"""Log concentration of a dye from an absorption spectrum."""
import math

import torch
from torch import nn, optim

torch.manual_seed(31)
WAVELENGTHS = torch.linspace(0, 1, 30)


def spectra(n):
    log_c = torch.empty(n, 1).uniform_(-4.0, 3.0)
    centre = 0.4 + 0.05 * torch.randn(n, 1)
    height = torch.log1p(torch.exp(log_c)) + 0.35 * log_c
    peak = torch.exp(-((WAVELENGTHS - centre) / 0.12) ** 2)
    baseline = 0.2 * torch.randn(n, 1) * WAVELENGTHS
    return height * peak + baseline + 0.05 * torch.randn(n, 30), log_c


x_train, y_train = spectra(1200)
x_test, y_test = spectra(400)
mean, std = x_train.mean(), x_train.std()
x_train, x_test = (x_train - mean) / std, (x_test - mean) / std

model = nn.Sequential()
sizes = [30, 64, 32]
for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
    model.add_module(f"linear{i}", nn.Linear(a, b))
    model.add_module(f"tanh{i}", nn.Tanh())
model.add_module("readout", nn.Linear(sizes[-1], 1))

opt = optim.Adam(model.parameters(), lr=2e-3)
sched = optim.lr_scheduler.CosineAnnealingLR(opt, T_max=40)
mse = nn.MSELoss()
for epoch in range(40):
    perm = torch.randperm(len(x_train))
    epoch_loss = 0.0
    for start in range(0, len(perm), 40):
        idx = perm[start:start + 40]
        opt.zero_grad()
        loss = mse(model(x_train[idx]), y_train[idx])
        loss.backward()
        opt.step()
        epoch_loss += loss.item() * len(idx)
    sched.step()
    if (epoch + 1) % 8 == 0:
        with torch.no_grad():
            error = mse(model(x_test), y_test).item()
        print(f"epoch {epoch + 1:2d} train mse {epoch_loss / len(perm):.3f} "
              f"test rmse {math.sqrt(error):.3f} test R2 {1 - error / y_test.var().item():.3f}")
