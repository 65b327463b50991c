# fault: LK107 line 16
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.metrics import accuracy_score, f1_score

cfg = dict(n=2000, dims=16, hidden=32, lr=5e-2, epochs=30, bs=100, seed=21)
torch.manual_seed(cfg["seed"])


def make_mail(n, dims):
    X, spam = make_classification(n_samples=n, n_features=dims, n_informative=8, n_redundant=2,
                                  class_sep=1.3, flip_y=0.02, random_state=cfg["seed"])
    X = (X - X.mean(0)) / X.std(0)
    labels = np.where(spam == 1, 1.0, -1.0)
    return torch.tensor(X, dtype=torch.float32), torch.tensor(labels, dtype=torch.float32)


X, y = make_mail(cfg["n"], cfg["dims"])
cut = int(0.75 * len(X))
Xtr, ytr, Xte, yte = X[:cut], y[:cut], X[cut:], y[cut:]

model = nn.Sequential(
    nn.Linear(cfg["dims"], cfg["hidden"]), nn.ReLU(),
    nn.Dropout(0.1),
    nn.Linear(cfg["hidden"], 1), nn.Flatten(0),
)
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.SGD(model.parameters(), lr=cfg["lr"], momentum=0.9, nesterov=True)

for epoch in range(cfg["epochs"]):
    model.train()
    losses = []
    for idx in torch.randperm(len(Xtr)).split(cfg["bs"]):
        opt.zero_grad()
        loss = loss_fn(model(Xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss", round(float(np.mean(losses)), 4))

model.eval()
with torch.no_grad():
    prob = torch.sigmoid(model(Xte)).numpy()
is_spam = (yte > 0).numpy()
print("test accuracy", round(accuracy_score(is_spam, prob > 0.5), 4))
print("test f1", round(f1_score(is_spam, prob > 0.5), 4))
