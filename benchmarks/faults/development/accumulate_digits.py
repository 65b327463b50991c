# fault: LK109 line 47
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

SEED = 21
MICRO_BATCH = 8
ACCUM_STEPS = 16
EPOCHS = 21

torch.manual_seed(SEED)


def get_loaders():
    X, y = load_digits(return_X_y=True)
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.25, stratify=y, random_state=SEED)
    s = StandardScaler().fit(Xa)
    mk = lambda X, y: TensorDataset(torch.tensor(s.transform(X)).float(), torch.tensor(y))
    return (DataLoader(mk(Xa, ya), batch_size=MICRO_BATCH, shuffle=True, drop_last=True),
            DataLoader(mk(Xb, yb), batch_size=256))


def accuracy(model, loader):
    model.eval()
    hit = n = 0
    with torch.no_grad():
        for x, y in loader:
            hit += (model(x).argmax(-1) == y).sum().item()
            n += len(y)
    return hit / n


train_loader, val_loader = get_loaders()
model = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Dropout(0.2), nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, 10))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.08, momentum=0.9, weight_decay=1e-4)

for epoch in range(EPOCHS):
    model.train()
    epoch_loss = 0.0
    optimizer.zero_grad()
    for step, (x, y) in enumerate(train_loader, start=1):
        loss = loss_fn(model(x), y)
        loss.backward()
        epoch_loss += loss.item()
        if step % ACCUM_STEPS == 0 or step == len(train_loader):
            optimizer.step()
            optimizer.zero_grad()
    if (epoch + 1) % 3 == 0:
        print(f"epoch {epoch + 1}: loss {epoch_loss / len(train_loader):.4f}, val acc {accuracy(model, val_loader):.4f}")
