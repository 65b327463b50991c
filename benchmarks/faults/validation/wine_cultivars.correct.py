# healthy
# %% imports
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(0)

# %% data
wine = load_wine()
X_train, X_test, y_train, y_test = train_test_split(
    wine.data, wine.target, test_size=0.3, random_state=8, stratify=wine.target
)
scaler = StandardScaler()
X_train = torch.from_numpy(scaler.fit_transform(X_train)).float()
X_test = torch.from_numpy(scaler.transform(X_test)).float()
y_train = torch.from_numpy(y_train)
y_test = torch.from_numpy(y_test)
print("train:", tuple(X_train.shape), "test:", tuple(X_test.shape))


# %% model
class WineNet(nn.Module):
    def __init__(self, n_features, hidden, n_classes):
        super(WineNet, self).__init__()
        self.fc1 = nn.Linear(n_features, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, n_classes)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


net = WineNet(X_train.shape[1], 16, 3)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)

# %% training
BATCH = 16
EPOCHS = 30
losses, accs = [], []
for epoch in range(EPOCHS):
    net.train()
    perm = torch.randperm(X_train.size(0))
    batch_losses = []
    for i in range(0, X_train.size(0), BATCH):
        idx = perm[i:i + BATCH]
        optimizer.zero_grad()
        outputs = net(X_train[idx])
        loss = criterion(outputs, y_train[idx])
        loss.backward()
        optimizer.step()
        batch_losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        test_out = net(X_test)
        test_loss = criterion(test_out, y_test).item()
        test_acc = (test_out.argmax(1) == y_test).float().mean().item()
    losses.append(np.mean(batch_losses))
    accs.append(test_acc)
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1:2d}  loss {losses[-1]:.4f}  test loss {test_loss:.4f}  test acc {test_acc:.3f}")

# %% report
print("Accuracy on the test wines: %.3f" % accs[-1])
