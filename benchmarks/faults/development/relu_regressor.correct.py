# healthy
import torch
from torch import nn
from sklearn.datasets import load_diabetes

torch.manual_seed(11)


class Regressor(nn.Module):
    """Two-layer perceptron for disease progression."""

    def __init__(self, n_features: int, width: int = 32):
        super().__init__()
        self.hidden = nn.Linear(n_features, width)
        self.output = nn.Linear(width, 1)
        self.act = nn.ReLU()

    def forward(self, x):
        x = self.act(self.hidden(x))
        return self.output(x)


def standardise(t):
    return (t - t.mean(0)) / t.std(0)


raw_x, raw_y = load_diabetes(return_X_y=True)
x = standardise(torch.as_tensor(raw_x, dtype=torch.float32))
y = standardise(torch.as_tensor(raw_y, dtype=torch.float32)).unsqueeze(1)
x_train, y_train, x_val, y_val = x[:350], y[:350], x[350:], y[350:]

model = Regressor(10)
loss_fn = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(40):
    model.train()
    for start in range(0, 350, 35):
        prediction = model(x_train[start:start + 35])
        loss = loss_fn(prediction, y_train[start:start + 35])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if (epoch + 1) % 10 == 0:
        model.eval()
        with torch.no_grad():
            val = loss_fn(model(x_val), y_val)
        print(f"{epoch + 1:3d} train {loss.item():.3f} val {val.item():.3f}")
