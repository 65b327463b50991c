# healthy
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(6)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 8.0 - 1.0, y, test_size=0.3, random_state=6, stratify=y)
to_t = lambda a: torch.tensor(a, dtype=torch.float32)
train_loader = DataLoader(TensorDataset(to_t(X_train), torch.tensor(y_train)), batch_size=32, shuffle=True)
X_test, y_test = to_t(X_test), torch.tensor(y_test)

HIDDEN = 128
DROPOUT = 0.2
WEIGHT_DECAY = 1e-4

model = nn.Sequential(
    nn.Linear(64, HIDDEN),
    nn.ReLU(),
    nn.Dropout(DROPOUT),
    nn.Linear(HIDDEN, 64),
    nn.ReLU(),
    nn.Dropout(DROPOUT),
    nn.Linear(64, 10),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=WEIGHT_DECAY)

for epoch in range(15):
    model.train()
    seen, loss_sum, ok = 0, 0.0, 0
    for images, labels in train_loader:
        optimizer.zero_grad()
        logits = model(images)
        loss = criterion(logits, labels)
        loss.backward()
        optimizer.step()
        seen += len(labels)
        loss_sum += loss.item() * len(labels)
        ok += (logits.argmax(1) == labels).sum().item()

    model.eval()
    with torch.no_grad():
        logits = model(X_test)
        test_loss = criterion(logits, y_test).item()
        pred = logits.argmax(1)
    print(f"epoch {epoch + 1:2d} loss {loss_sum / seen:.4f} acc {ok / seen:.3f} "
          f"test_loss {test_loss:.4f} test_acc {(pred == y_test).float().mean().item():.3f} "
          f"macro_f1 {f1_score(y_test, pred, average='macro'):.3f}")
