# healthy
# Distil a wide digit classifier into a small one (temperature 4).
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(13)
T, ALPHA = 4.0, 0.7

X, y = load_digits(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X / 16.0 - 0.3, y, test_size=0.3, random_state=13, stratify=y)
ds = TensorDataset(torch.tensor(Xa, dtype=torch.float32), torch.tensor(ya))
x_val, y_val = torch.tensor(Xb, dtype=torch.float32), torch.tensor(yb)
loader = DataLoader(ds, batch_size=64, shuffle=True)

teacher = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10))
student = nn.Sequential(nn.Linear(64, 20), nn.ReLU(), nn.Linear(20, 10))


def accuracy(net):
    net.eval()
    with torch.no_grad():
        return (net(x_val).argmax(1) == y_val).float().mean().item()


opt_t = torch.optim.Adam(teacher.parameters(), lr=3e-3)
for epoch in range(12):
    teacher.train()
    for x, t in loader:
        opt_t.zero_grad()
        loss = F.cross_entropy(teacher(x), t)
        loss.backward()
        opt_t.step()
print("teacher accuracy", round(accuracy(teacher), 3))

teacher.eval()
for p in teacher.parameters():
    p.requires_grad_(False)

opt_s = torch.optim.Adam(student.parameters(), lr=3e-3)
for epoch in range(25):
    student.train()
    total = 0.0
    for x, t in loader:
        with torch.no_grad():
            soft = F.softmax(teacher(x) / T, dim=1)
        out = student(x)
        kd = F.kl_div(F.log_softmax(out / T, dim=1), soft, reduction="batchmean") * T * T
        loss = ALPHA * kd + (1 - ALPHA) * F.cross_entropy(out, t)
        opt_s.zero_grad()
        loss.backward()
        opt_s.step()
        total += loss.item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} distil loss {total / len(loader):.4f} student accuracy {accuracy(student):.3f}")
