# healthy
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(8)


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class SmallResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = block(1, 16)
        self.b1 = block(16, 16)
        self.down = nn.MaxPool2d(2)
        self.b2 = block(16, 32)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.stem(x)
        x = x + self.b1(x)
        x = self.b2(self.down(x)).mean((2, 3))
        return self.fc(self.drop(x))


x, y = load_digits(return_X_y=True)
ds = TensorDataset(torch.tensor(x / 16).float().reshape(-1, 1, 8, 8), torch.tensor(y))
train_ds, val_ds = random_split(ds, [1500, 297])
train_dl, val_dl = DataLoader(train_ds, 50, shuffle=True), DataLoader(val_ds, 150)
model = SmallResNet()
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=5e-4)
EPOCHS = 6
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.2, epochs=EPOCHS, steps_per_epoch=len(train_dl))
for epoch in range(EPOCHS):
    model.train()
    for images, targets in train_dl:
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            output = model(images)
            loss = criterion(output, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
    model.eval()
    good = 0
    with torch.inference_mode():
        for images, targets in val_dl:
            good += (model(images).argmax(1) == targets).sum().item()
    print(f"epoch {epoch} loss {loss.item():.3f} val acc {good / len(val_ds):.3f} lr {scheduler.get_last_lr()[0]:.4f}")
