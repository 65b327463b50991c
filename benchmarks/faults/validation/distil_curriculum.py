# healthy
# Distil a teacher into a small student, easy examples first, batches of 8.
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

T = 3.0
ALPHA = 0.7


def net(width):
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))


def data():
    d = load_digits()
    a, b, ya, yb = train_test_split(d.data / 8.0 - 1.0, d.target, test_size=0.3, random_state=0, stratify=d.target)
    return (torch.tensor(a, dtype=torch.float32), torch.tensor(ya),
            torch.tensor(b, dtype=torch.float32), torch.tensor(yb))


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        a = (model(x).argmax(1) == y).float().mean().item()
    model.train()
    return a


def train_teacher(x, y):
    teacher = net(128)
    opt = torch.optim.AdamW(teacher.parameters(), lr=2e-3, weight_decay=1e-2)
    for _ in range(12):
        for i in torch.randperm(len(x)).split(64):
            loss = F.cross_entropy(teacher(x[i]), y[i], label_smoothing=0.05)
            opt.zero_grad()
            loss.backward()
            opt.step()
    teacher.eval()
    return teacher.requires_grad_(False)


def distil_loss(s_logits, t_logits, y):
    soft = F.kl_div(F.log_softmax(s_logits / T, 1), F.softmax(t_logits / T, 1), reduction="batchmean") * T * T
    hard = F.cross_entropy(s_logits, y)
    return ALPHA * soft + (1 - ALPHA) * hard


def main():
    torch.manual_seed(14)
    x, y, xt, yt = data()
    teacher = train_teacher(x, y)
    print("teacher", round(accuracy(teacher, xt, yt), 4))
    with torch.no_grad():
        difficulty = F.cross_entropy(teacher(x), y, reduction="none")
    order = difficulty.argsort()

    student = net(24)
    opt = torch.optim.Adam(student.parameters(), lr=1e-3)
    for epoch in range(10):
        share = min(1.0, 0.5 + 0.15 * epoch)  # grows to the full set
        pool = order[: int(share * len(order))]
        pool = pool[torch.randperm(len(pool))]
        run = 0.0
        for i in pool.split(8):
            with torch.no_grad():
                t_out = teacher(x[i])
            loss = distil_loss(student(x[i]), t_out, y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run += loss.item() * len(i)
        print(f"epoch {epoch + 1} pool {share:.2f} loss {run / len(pool):.4f} student {accuracy(student, xt, yt):.4f}")
    print("METRIC accuracy", round(accuracy(student, xt, yt), 4))


if __name__ == "__main__":
    main()
