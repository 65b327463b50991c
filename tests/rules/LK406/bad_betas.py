"""Handwritten digits, with the settings in one place."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn, optim

config = {"lr": 0.01, "beta1": 0.999, "beta2": 0.9, "epochs": 12, "batch": 32}

torch.manual_seed(3)
rng = np.random.default_rng(3)

X, y = load_digits(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X / 16, y, test_size=0.25, random_state=3, stratify=y)
X_train, X_val = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_val, dtype=torch.float32)
y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)

net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(  # <- fault
    net.parameters(),
    lr=config["lr"],
    betas=(config["beta1"], config["beta2"]),
)

for epoch in range(config["epochs"]):
    order = rng.permutation(len(X_train))
    for start in range(0, len(order), config["batch"]):
        batch = order[start : start + config["batch"]]
        loss = criterion(net(X_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        logits = net(X_val)
        print(epoch, criterion(logits, y_val).item(), (logits.argmax(1) == y_val).float().mean().item())
