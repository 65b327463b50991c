# fault: LK402 line 11
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# ---- settings -------------------------------------------------------
NUM_EPOCHS = 30
BATCH_SIZE = 64
LEARNING_RATE = 1e-6
WEIGHT_DECAY = 1e-4
NUM_CLASSES = 10
# ---------------------------------------------------------------------

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X = X / 16.0
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=1, stratify=y)
mean, std = X_train.mean(), X_train.std()


def to_loader(X, y, shuffle):
    X = torch.tensor((X - mean) / std, dtype=torch.float32).reshape(-1, 1, 8, 8)
    return DataLoader(TensorDataset(X, torch.tensor(y)), batch_size=BATCH_SIZE, shuffle=shuffle)


train_loader, val_loader = to_loader(X_train, y_train, True), to_loader(X_val, y_val, False)

model = nn.Sequential(
    nn.Conv2d(1, 12, kernel_size=3, padding=1), nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(12, 24, kernel_size=3, padding=1), nn.ReLU(),
    nn.AdaptiveAvgPool2d(2),
    nn.Flatten(),
    nn.Linear(96, NUM_CLASSES),
)
criterion = nn.CrossEntropyLoss()
optimizer = optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)

best = 0.0
for epoch in range(NUM_EPOCHS):
    model.train()
    train_loss = 0.0
    for images, labels in train_loader:
        optimizer.zero_grad()
        outputs = model(images)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        train_loss += loss.item() * labels.size(0)
    model.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in val_loader:
            correct += (model(images).argmax(1) == labels).sum().item()
    val_acc = correct / len(y_val)
    best = max(best, val_acc)
    if epoch % 6 == 5:
        print(f"Epoch [{epoch + 1}/{NUM_EPOCHS}] loss {train_loss / len(y_train):.4f} val acc {val_acc:.4f}")
print(f"best val accuracy {best:.4f}")
