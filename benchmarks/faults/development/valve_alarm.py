# fault: LK204 line 34
import torch
from torch import nn
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

torch.manual_seed(4)

X, y = make_classification(n_samples=4000, n_features=16, n_informative=10, n_redundant=2,
                           class_sep=2.6, n_clusters_per_class=2, flip_y=0.0, random_state=14)
Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.25, random_state=0)
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr = torch.tensor((Xtr - mu) / sd, dtype=torch.float32)
Xva = torch.tensor((Xva - mu) / sd, dtype=torch.float32)
ytr = torch.tensor(ytr, dtype=torch.float32)
yva = torch.tensor(yva, dtype=torch.float32)


class AlarmNet(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_features, 64), nn.ReLU(),
            nn.Linear(64, 64), nn.ReLU(),
            nn.Linear(64, 1),
        )

    def forward(self, x):
        return self.layers(x).squeeze(1)


def alarm_loss(scores, target):
    p = torch.sigmoid(scores)
    return -(target * torch.log(p) + (1 - target) * torch.log(1 - p)).mean()


model = AlarmNet(X.shape[1])
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(9):
    model.train()
    tot = 0.0
    for idx in torch.randperm(len(Xtr)).split(80):
        opt.zero_grad()
        loss = alarm_loss(model(Xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        acc = ((model(Xva) > 0).float() == yva).float().mean().item()
    print(f"epoch {epoch:2d}  loss {tot / len(Xtr):.4f}  val acc {acc:.4f}")
