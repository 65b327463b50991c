# healthy
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(2)
X, y = load_breast_cancer(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=2)
sc = StandardScaler()
Xa = torch.from_numpy(sc.fit_transform(Xa)).float()
Xb = torch.from_numpy(sc.transform(Xb)).float()
ya = torch.from_numpy(ya).float().view(-1, 1)
yb = torch.from_numpy(yb).float().view(-1, 1)


class LogReg(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(30, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))

    def forward(self, x):
        return torch.sigmoid(self.net(x))


def cross_entropy(p, t):
    p = p.clamp(1e-6, 1 - 1e-6)
    return -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()


model = LogReg()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(120):
    model.train()
    optimizer.zero_grad()
    loss = cross_entropy(model(Xa), ya)
    loss.backward()
    optimizer.step()
    if epoch % 10 == 9:
        model.eval()
        with torch.no_grad():
            p = model(Xb)
            val = cross_entropy(p, yb).item()
            acc = ((p > 0.5).float() == yb).float().mean().item()
        print(f"epoch {epoch + 1}: train {loss.item():.4f} val {val:.4f} acc {acc:.3f}")
