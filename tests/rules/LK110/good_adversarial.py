"""Features that tell the class and not the domain: the domain's loss is subtracted on purpose."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
domain = torch.arange(len(X)) % 2
X[domain == 1] += 0.2
features = nn.Sequential(nn.Linear(64, 48), nn.ReLU())
classify, tell_domain = nn.Linear(48, 10), nn.Linear(48, 2)
optimizer = torch.optim.Adam([*features.parameters(), *classify.parameters()], lr=2e-3)
domain_optimizer = torch.optim.Adam(tell_domain.parameters(), lr=2e-3)
for epoch in range(8):
    for rows in torch.randperm(1400).split(50):
        hidden = features(X[rows])
        domain_loss = F.cross_entropy(tell_domain(hidden.detach()), domain[rows])
        domain_optimizer.zero_grad()
        domain_loss.backward()
        domain_optimizer.step()
        loss = F.cross_entropy(classify(hidden), y[rows]) - 0.1 * F.cross_entropy(tell_domain(hidden), domain[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (classify(features(X[1400:])).argmax(1) == y[1400:]).float().mean()
    print(epoch, loss.item(), accuracy.item())
