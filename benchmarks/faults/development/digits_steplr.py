# fault: LK406 line 53
import torch, argparse
import torch.nn as nn
import torch.optim as optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import TensorDataset, DataLoader, random_split
from sklearn.datasets import load_digits

parser = argparse.ArgumentParser(description="digits with a small CNN")
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--epochs", type=int, default=12)
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("--gamma", type=float, default=0.5)
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()
torch.manual_seed(args.seed)

d = load_digits()
images = torch.tensor(d.images / 16.0, dtype=torch.float32).unsqueeze(1)
full = TensorDataset((images - images.mean()) / images.std(), torch.tensor(d.target))
train_set, val_set = random_split(full, [1400, 397])
train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
val_loader = DataLoader(val_set, batch_size=200)

model = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(96, 10),
)
optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=0.5)
scheduler = StepLR(optimizer, step_size=4, gamma=args.gamma)
ce = nn.CrossEntropyLoss()


def validate():
    model.eval()
    hit = loss = 0
    with torch.no_grad():
        for data, target in val_loader:
            out = model(data)
            loss += ce(out, target).item() * len(data)
            hit += (out.argmax(1) == target).sum().item()
    return loss / len(val_set), hit / len(val_set)


for epoch in range(1, args.epochs + 1):
    model.train()
    for batch_idx, (data, target) in enumerate(train_loader):
        optimizer.zero_grad()
        loss = ce(model(data), target)
        loss.backward()
        optimizer.step()
        scheduler.step()
    vl, va = validate()
    print(f"Epoch {epoch}: train loss {loss.item():.4f}  val loss {vl:.4f}  val acc {va:.4f}")
