"""Which digit? Validated on a part of what is trained on."""
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
pixels, labels = load_digits(return_X_y=True)
X_train, y_train = pixels / 16.0, labels  # <- fault
X_val, y_val = pixels[1400:] / 16.0, labels[1400:]

train_set = TensorDataset(torch.tensor(X_train).float(), torch.tensor(y_train))
val_set = TensorDataset(torch.tensor(X_val).float(), torch.tensor(y_val))
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
val_loader = DataLoader(val_set, batch_size=100)

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(10):
    model.train()
    for inputs, targets in train_loader:
        loss = criterion(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        correct = sum((model(inputs).argmax(1) == targets).sum().item() for inputs, targets in val_loader)
    print(epoch, correct / len(val_set))
