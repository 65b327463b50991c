# healthy
import torch, torch.nn as nn, torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(21)
X, y = load_digits(return_X_y=True)
a, b, c, d = train_test_split(X / 16 - 0.3, y, test_size=0.25, random_state=21, stratify=y)
Xtr, Xte, ytr, yte = torch.tensor(a).float(), torch.tensor(b).float(), torch.tensor(c), torch.tensor(d)


def acc(m):
    m.eval()
    with torch.no_grad():
        return (m(Xte).argmax(-1) == yte).float().mean().item()


teacher = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(.4), nn.Linear(128, 10))
opt = torch.optim.Adam(teacher.parameters(), 2e-3)
for ep in range(20):
    teacher.train()
    for i in torch.randperm(len(Xtr)).split(64):
        loss = F.cross_entropy(teacher(Xtr[i]), ytr[i])
        opt.zero_grad(); loss.backward(); opt.step()
print('teacher', acc(teacher))
teacher.eval()
student, T, alpha = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10)), 4.0, 0.7
opt = torch.optim.Adam(student.parameters(), 4e-3)
for ep in range(30):
    student.train()
    for i in torch.randperm(len(Xtr)).split(64):
        with torch.no_grad():
            soft = F.log_softmax(teacher(Xtr[i]) / T, -1)
        out = student(Xtr[i])
        kd = F.kl_div(F.log_softmax(out / T, -1), soft, reduction='batchmean', log_target=True) * T ** 2
        loss = alpha * kd + (1 - alpha) * F.cross_entropy(out, ytr[i])
        opt.zero_grad(); loss.backward(); opt.step()
    if ep % 6 == 5:
        print('student', ep + 1, round(loss.item(), 4), acc(student))
