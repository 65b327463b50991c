"""A sine, with one cycle of the rate: warm-up, then down to nothing."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.rand(512, 1) * 6 - 3
y = torch.sin(x) + 0.1 * torch.randn_like(x)
x_test = torch.linspace(-3, 3, 200).unsqueeze(1)
y_test = torch.sin(x_test)

model = nn.Sequential(nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
epochs, batch = 60, 64
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.02, total_steps=epochs * 512 // batch)

for _ in range(epochs):
    for index in torch.randperm(512).split(batch):
        loss = nn.functional.mse_loss(model(x[index]), y[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    model.eval()
    with torch.no_grad():
        error = nn.functional.mse_loss(model(x_test), y_test)
    model.train()
print(error.item())
