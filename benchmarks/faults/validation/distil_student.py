# healthy
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


@dataclass
class Args:
    temperature: float = 4.0
    alpha: float = 0.7
    teacher_epochs: int = 10
    student_epochs: int = 20
    batch: int = 32
    seed: int = 22


args = Args()
torch.manual_seed(args.seed)
X, y = load_digits(return_X_y=True)
X = torch.tensor((X / 16 - 0.3) / 0.38, dtype=torch.float32)
y = torch.tensor(y)
i_tr, i_te = train_test_split(torch.arange(len(X)).numpy(), test_size=0.3, stratify=y.numpy(), random_state=args.seed)
xt, yt, xv, yv = X[i_tr], y[i_tr], X[i_te], y[i_te]


class MLP(nn.Module):
    def __init__(self, *widths, drop=0.0):
        super().__init__()
        layers = []
        for a, b in zip((64,) + widths, widths + (10,)):
            layers += [nn.Linear(a, b), nn.ReLU(), nn.Dropout(drop)]
        self.net = nn.Sequential(*layers[:-2])

    def forward(self, x):
        return self.net(x)


def hard_loss(model, x, t):
    return F.cross_entropy(model(x), t)


class DistillLoss:
    def __init__(self, teacher, temperature, alpha):
        self.teacher = teacher.eval().requires_grad_(False)
        self.T, self.alpha = temperature, alpha

    def __call__(self, student, x, t):
        logits = student(x)
        with torch.no_grad():
            soft = F.softmax(self.teacher(x) / self.T, dim=1)
        kd = F.kl_div(F.log_softmax(logits / self.T, dim=1), soft, reduction="batchmean") * self.T ** 2
        return self.alpha * kd + (1 - self.alpha) * F.cross_entropy(logits, t)


def fit(name, model, loss_fn, epochs, lr):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(1, epochs + 1):
        model.train()
        total = 0.0
        for b in torch.randperm(len(xt)).split(args.batch):
            loss = loss_fn(model, xt[b], yt[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(b)
        model.eval()
        with torch.no_grad():
            acc = (model(xv).argmax(1) == yv).float().mean().item()
        if epoch % 2 == 0:
            print(f"{name} epoch {epoch:2d} loss {total / len(xt):.4f} val acc {acc:.3f}")
    return acc


teacher = MLP(128, 64, drop=0.2)
t_acc = fit("teacher", teacher, hard_loss, args.teacher_epochs, 1e-3)
student = MLP(16)
s_acc = fit("student", student, DistillLoss(teacher, args.temperature, args.alpha), args.student_epochs, 3e-3)
print(f"teacher {t_acc:.3f} student {s_acc:.3f}")
