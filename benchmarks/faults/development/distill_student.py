# fault: LK111 line 49
"""Distil a wide teacher into a small student (KD with temperature)."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(31)
X, y = load_digits(return_X_y=True)
Xtr, Xte, ytr, yte = train_test_split(X / 8.0 - 0.6, y, test_size=0.25, stratify=y, random_state=31)
Xtr, Xte = torch.tensor(Xtr, dtype=torch.float32), torch.tensor(Xte, dtype=torch.float32)
ytr, yte = torch.tensor(ytr), torch.tensor(yte)


def run_epochs(model, loss_of, epochs, lr):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for ep in range(epochs):
        model.train()
        tot = 0.0
        for idx in torch.randperm(len(Xtr)).split(64):
            opt.zero_grad()
            loss = loss_of(model(Xtr[idx]), idx)
            loss.backward()
            opt.step()
            tot += loss.item() * len(idx)
        if ep % 5 == 4:
            print('   epoch %2d  loss %.5f' % (ep + 1, tot / len(Xtr)))


def score(model):
    model.eval()
    with torch.no_grad():
        return (model(Xte).argmax(1) == yte).float().mean().item()


teacher = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10))
print('teacher')
run_epochs(teacher, lambda out, idx: F.cross_entropy(out, ytr[idx]), epochs=15, lr=2e-3)
print('teacher test accuracy %.4f' % score(teacher))

with torch.no_grad():
    teacher_logits = teacher(Xtr)

T = 3.0


def kd_loss(student_logits, idx):
    log_p = F.softmax(student_logits / T, dim=1)
    q = F.softmax(teacher_logits[idx] / T, dim=1)
    return F.kl_div(log_p, q, reduction='batchmean') * T * T


student = nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 10))
print('student')
run_epochs(student, kd_loss, epochs=25, lr=2e-3)
print('student test accuracy %.4f' % score(student))
