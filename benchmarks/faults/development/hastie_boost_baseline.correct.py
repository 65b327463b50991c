# healthy
"""Neural baseline for the Hastie et al. 10.2 problem (the AdaBoost example)."""
import torch
import torch.nn.functional as F
from sklearn.datasets import make_hastie_10_2

torch.manual_seed(10)
X, y = make_hastie_10_2(n_samples=9000, random_state=10)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y > 0, dtype=torch.float32)
X_train, y_train, X_val, y_val = X[:7500], y[:7500], X[7500:], y[7500:]

hidden = 64
net = torch.nn.Sequential(
    torch.nn.Linear(10, hidden), torch.nn.ReLU(),
    torch.nn.Linear(hidden, hidden), torch.nn.ReLU(),
    torch.nn.Linear(hidden, 1), torch.nn.Flatten(0),
)
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)


def error_rate(x, t):
    net.eval()
    with torch.no_grad():
        positive = net(x) > 0
    return (positive != (t > 0)).float().mean().item()


for epoch in range(15):
    net.train()
    loss_sum = 0.0
    for idx in torch.randperm(7500).split(75):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(X_train[idx]), y_train[idx])
        loss.backward()
        opt.step()
        loss_sum += loss.item()
    if epoch % 5 == 4:
        print(f"{epoch+1:3d}: loss {loss_sum/100:.4f}, train err {error_rate(X_train, y_train):.3f}, "
              f"val err {error_rate(X_val, y_val):.3f}")
print("validation accuracy:", round(1 - error_rate(X_val, y_val), 4))
