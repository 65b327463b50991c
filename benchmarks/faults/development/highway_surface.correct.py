# healthy
"""Highway network (Srivastava et al.) fitted to a response surface with interactions."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(8)


class HighwayLayer(nn.Module):
    def __init__(self, size, carry_bias):
        super().__init__()
        self.transform = nn.Linear(size, size)
        self.gate = nn.Linear(size, size)
        nn.init.constant_(self.gate.bias, carry_bias)

    def forward(self, x):
        g = torch.sigmoid(self.gate(x))
        return g * torch.relu(self.transform(x)) + (1 - g) * x


class HighwayNet(nn.Module):
    """The layers should start out mostly carrying their input, hence the negative gate bias."""

    def __init__(self, n_in, size=32, depth=3, carry_bias=-1.0):
        super().__init__()
        self.embed = nn.Linear(n_in, size)
        self.layers = nn.ModuleList(HighwayLayer(size, carry_bias) for _ in range(depth))
        self.out = nn.Linear(size, 1)

    def forward(self, x):
        h = self.embed(x)
        for layer in self.layers:
            h = layer(h)
        return self.out(h)


def surface(n):
    x = torch.randn(n, 4)
    y = torch.tanh(x[:, 0] * x[:, 1]) + 0.8 * torch.cos(1.5 * x[:, 2]) + 0.3 * x[:, 3].abs() + 0.05 * torch.randn(n)
    return x, y.unsqueeze(1)


def score(model, x, y):
    model.eval()
    with torch.no_grad():
        return 1 - ((model(x) - y).pow(2).mean() / y.var()).item()


x_train, y_train = surface(3000)
x_val, y_val = surface(800)
centre, spread = y_train.mean(), y_train.std()
y_train, y_val = (y_train - centre) / spread, (y_val - centre) / spread

model = HighwayNet(4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[25, 35], gamma=0.2)
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)

for epoch in range(1, 41):
    model.train()
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step()
    if epoch % 5 == 0:
        print(f"epoch {epoch:2d}  mse {total / len(loader):.4f}  val R2 {score(model, x_val, y_val):.4f}")
