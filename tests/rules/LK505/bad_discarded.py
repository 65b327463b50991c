"""Three kinds of wine, with a scaler."""
import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(0)
x, y = load_wine(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
scaler = StandardScaler()
scaler.fit(x_train)
scaler.transform(x_train)  # <- fault
scaler.transform(x_test)
inputs, targets = torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train)
model = nn.Sequential(nn.Linear(13, 32), nn.Tanh(), nn.Linear(32, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(40):
    for batch in torch.randperm(len(inputs)).split(16):
        loss = nn.functional.cross_entropy(model(inputs[batch]), targets[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    right = model(torch.tensor(x_test, dtype=torch.float32)).argmax(1) == torch.tensor(y_test)
print(float(right.float().mean()))
