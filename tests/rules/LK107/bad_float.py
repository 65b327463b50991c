import torch
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(0)
X, y = load_iris(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
scaler = StandardScaler().fit(X_train)
X_train = torch.Tensor(scaler.transform(X_train))
X_test = torch.Tensor(scaler.transform(X_test))
y_train = torch.Tensor(y_train)
y_test = torch.Tensor(y_test)

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(60):
    model.train()
    y_pred = model(X_train)
    loss = loss_fn(y_pred, y_train)  # <- fault
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
model.eval()
with torch.no_grad():
    y_pred = model(X_test)
    print((y_pred.argmax(dim=1) == y_test).float().mean().item())
