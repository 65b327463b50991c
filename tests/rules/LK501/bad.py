"""Disease progression from ten measurements: a large network, few patients, many epochs."""
import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(0)

X, y = load_diabetes(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X, y, train_size=120, random_state=0)
x_scaler, y_scaler = StandardScaler().fit(X_train), StandardScaler().fit(y_train[:, None])
X_train = torch.tensor(x_scaler.transform(X_train), dtype=torch.float32)
X_val = torch.tensor(x_scaler.transform(X_val), dtype=torch.float32)
y_train = torch.tensor(y_scaler.transform(y_train[:, None]), dtype=torch.float32)
y_val = torch.tensor(y_scaler.transform(y_val[:, None]), dtype=torch.float32)

model = nn.Sequential(
    nn.Linear(10, 128), nn.ReLU(),
    nn.Linear(128, 128), nn.ReLU(),
    nn.Linear(128, 1),
)
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)  # <- fault

for epoch in range(100):
    model.train()
    for index in torch.randperm(len(X_train)).split(20):
        optimizer.zero_grad()
        loss = criterion(model(X_train[index]), y_train[index])
        loss.backward()
        optimizer.step()

    model.eval()
    with torch.no_grad():
        val_loss = criterion(model(X_val), y_val)
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1}: train {loss.item():.3f}, validation {val_loss.item():.3f}")
