# healthy
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(6)
T = 3.0
ALPHA = 0.7

X, y = load_digits(return_X_y=True)
X_tr, X_va, y_tr, y_va = train_test_split(X / 16.0, y, test_size=0.25, stratify=y, random_state=6)
X_tr, X_va = (torch.tensor(a, dtype=torch.float32) for a in (X_tr, X_va))
y_tr, y_va = torch.tensor(y_tr), torch.tensor(y_va)


def mlp(width):
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))


def accuracy(model):
    model.eval()
    with torch.no_grad():
        return (model(X_va).argmax(1) == y_va).float().mean().item()


def hard_loss(model, teacher, x, y):
    return F.nll_loss(F.log_softmax(model(x), dim=1), y)


def distil_loss(model, teacher, x, y):
    with torch.no_grad():
        soft_targets = F.softmax(teacher(x) / T, dim=1)
    logits = model(x)
    soft = F.kl_div(F.log_softmax(logits / T, dim=1), soft_targets, reduction="batchmean") * T * T
    return ALPHA * soft + (1 - ALPHA) * F.cross_entropy(logits, y)


def train(model, objective, teacher=None, epochs=22, lr=3e-3):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(y_tr)).split(64):
            opt.zero_grad()
            loss = objective(model, teacher, X_tr[idx], y_tr[idx])
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        print(f"  {epoch + 1:2d} loss {total / len(y_tr):.4f} val acc {accuracy(model):.4f}")
    return model


print("teacher")
teacher = train(mlp(128), hard_loss)
teacher.eval()
print("student")
student = train(mlp(32), distil_loss, teacher=teacher)
print(f"teacher {accuracy(teacher):.4f} student {accuracy(student):.4f}")
