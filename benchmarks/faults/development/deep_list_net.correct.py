# healthy
import torch
import torch.nn as nn
import numpy as np

torch.manual_seed(4)
np.random.seed(4)


class FlexibleMLP(nn.Module):
    """MLP whose depth is given as a list of widths."""

    def __init__(self, in_dim, widths, n_out):
        super().__init__()
        self.hidden_layers = nn.ModuleList()
        prev = in_dim
        for w in widths:
            self.hidden_layers.append(nn.Linear(prev, w))
            prev = w
        self.classifier = nn.Linear(prev, n_out)

    def forward(self, x):
        for layer in self.hidden_layers:
            x = torch.relu(layer(x))
        return self.classifier(x)


def spirals(n, arms=3, noise=0.12):
    k = np.random.randint(0, arms, n)
    r = np.sqrt(np.random.uniform(0.05, 1, n))
    a = 3.6 * r + 2 * np.pi * k / arms + np.random.normal(0, noise, n)
    pts = np.stack([r * np.cos(a), r * np.sin(a)], 1) * 1.8
    return torch.tensor(pts, dtype=torch.float32), torch.tensor(k)


x_train, y_train = spirals(1500)
x_val, y_val = spirals(500)

model = FlexibleMLP(2, [32, 24, 16], 3)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()

for epoch in range(40):
    model.train()
    losses = []
    for idx in torch.randperm(len(x_train)).split(64):
        optimizer.zero_grad()
        loss = criterion(model(x_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch % 5 == 4:
        model.eval()
        with torch.no_grad():
            acc = (model(x_val).argmax(-1) == y_val).float().mean()
        print(f"{epoch + 1:3d} loss={np.mean(losses):.4f} val_acc={acc:.4f}")
