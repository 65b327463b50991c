# healthy
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(3)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(len(x))
x, y = x[perm], y[perm]
train_dl = DataLoader(TensorDataset(x[:1400], y[:1400]), batch_size=64, shuffle=True)
x_val, y_val = x[1400:], y[1400:]

teacher = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
student = nn.Sequential(nn.Linear(64, 12), nn.ReLU(), nn.Linear(12, 10))


def val_acc(net):
    net.eval()
    with torch.no_grad():
        return (net(x_val).argmax(1) == y_val).float().mean().item()


opt = torch.optim.Adam(teacher.parameters(), lr=2e-3)
for epoch in range(5):
    teacher.train()
    for xb, yb in train_dl:
        opt.zero_grad()
        F.cross_entropy(teacher(xb), yb).backward()
        opt.step()
print("teacher", val_acc(teacher))

T, alpha = 3.0, 0.7
kl = nn.KLDivLoss(reduction="batchmean")
opt = torch.optim.Adam(student.parameters(), lr=5e-3)
for epoch in range(8):
    student.train()
    for xb, yb in train_dl:
        with torch.no_grad():
            soft = F.softmax(teacher(xb) / T, dim=1)
        logits = student(xb)
        loss = alpha * T * T * kl(F.log_softmax(logits / T, dim=1), soft) + (1 - alpha) * F.cross_entropy(logits, yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("student", epoch, round(loss.item(), 4), val_acc(student))
