# healthy
import torch
import torch.nn as nn
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(21)
X, y = load_diabetes(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=21)
x_scaler, y_scaler = StandardScaler().fit(X_train), StandardScaler().fit(y_train[:, None])
as_tensor = lambda a: torch.tensor(a, dtype=torch.float32)
train_data = TensorDataset(as_tensor(x_scaler.transform(X_train)), as_tensor(y_scaler.transform(y_train[:, None])))
val_data = TensorDataset(as_tensor(x_scaler.transform(X_val)), as_tensor(y_scaler.transform(y_val[:, None])))
train_loader = DataLoader(train_data, batch_size=32, shuffle=True)
val_loader = DataLoader(val_data, batch_size=133)

model = nn.Sequential(
    nn.Linear(10, 16), nn.ReLU(), nn.Dropout(0.3),
    nn.Linear(16, 1),
)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
criterion = nn.MSELoss()
for epoch in range(40):
    model.train()
    train_loss = 0.0
    for features, target in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(features), target)
        loss.backward()
        optimizer.step()
        train_loss += loss.item() / len(train_loader)
    model.eval()
    with torch.no_grad():
        val_loss = 0.0
        for features, target in val_loader:
            val_loss += criterion(model(features), target).item() / len(val_loader)
    if epoch % 10 == 9:
        print(f"{epoch + 1:4d}  train {train_loss:.4f}  val {val_loss:.4f}")
