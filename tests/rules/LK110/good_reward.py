"""Which button belongs to a flower? The answer is only told to be right or wrong."""
import torch
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(2)
iris = load_iris()
order = torch.randperm(150)
x = torch.tensor(StandardScaler().fit_transform(iris.data), dtype=torch.float32)[order]
y = torch.tensor(iris.target)[order]
policy = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(policy.parameters(), lr=5e-3)
for step in range(600):
    rows = torch.randint(0, 100, (64,))
    choice = Categorical(logits=policy(x[rows]))
    button = choice.sample()
    reward = (button == y[rows]).float() - 0.4
    loss = -(choice.log_prob(button) * reward).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 49:
        with torch.no_grad():
            print(step, float((policy(x[100:]).argmax(1) == y[100:]).float().mean()))
