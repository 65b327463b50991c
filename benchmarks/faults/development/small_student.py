# healthy
import copy
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(13)
X, y = load_digits(return_X_y=True)
X = (X - 4.88) / 6.02
Xt, Xv, yt, yv = (torch.tensor(a) for a in train_test_split(X, y, test_size=0.25, stratify=y, random_state=13))
Xt, Xv = Xt.float(), Xv.float()


def acc(m):
    m.eval()
    with torch.no_grad():
        return (m(Xv).argmax(1) == yv).float().mean().item()


teacher = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10))
opt = torch.optim.AdamW(teacher.parameters(), lr=2e-3)
for epoch in range(12):
    teacher.train()
    for i in torch.randperm(len(Xt)).split(64):
        opt.zero_grad()
        F.cross_entropy(teacher(Xt[i]), yt[i]).backward()
        opt.step()
print("teacher", acc(teacher))

teacher.requires_grad_(False)
student = nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 10))
ema = copy.deepcopy(student).requires_grad_(False)
opt = torch.optim.AdamW(student.parameters(), lr=4e-3)
T, alpha = 3.0, 0.7
for epoch in range(18):
    student.train()
    for i in torch.randperm(len(Xt)).split(64):
        with torch.no_grad():
            soft = F.softmax(teacher(Xt[i]) / T, dim=1)
        logits = student(Xt[i])
        kd = F.kl_div(F.log_softmax(logits / T, dim=1), soft, reduction="batchmean") * T * T
        loss = alpha * kd + (1 - alpha) * F.cross_entropy(logits, yt[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for pe, p in zip(ema.parameters(), student.parameters()):
                pe.lerp_(p, 0.05)
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1} loss {loss.item():.4f} student {acc(student):.4f} ema {acc(ema):.4f}")
