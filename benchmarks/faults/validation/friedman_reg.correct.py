# healthy
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import Dataset, DataLoader

torch.manual_seed(0)

# In[1]:
X, y = make_friedman1(n_samples=3000, n_features=10, noise=1.0, random_state=0)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, random_state=1)
xs, ys = StandardScaler().fit(X_tr), StandardScaler().fit(y_tr.reshape(-1, 1))


# In[2]:
class TabularDataset(Dataset):
    def __init__(self, X, y):
        self.X = torch.tensor(xs.transform(X), dtype=torch.float32)
        self.y = torch.tensor(ys.transform(y.reshape(-1, 1)), dtype=torch.float32)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, idx):
        return self.X[idx], self.y[idx]


train_loader = DataLoader(TabularDataset(X_tr, y_tr), batch_size=50, shuffle=True)
test_loader = DataLoader(TabularDataset(X_te, y_te), batch_size=50)

# In[3]:
model = nn.Sequential(
    nn.Linear(10, 64), nn.ReLU(),
    nn.Linear(64, 32), nn.ReLU(),
    nn.Linear(32, 1),
)
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.002)

# In[4]:
train_hist, test_hist = [], []
for epoch in range(15):
    model.train()
    epoch_loss = 0
    for features, target in train_loader:
        optimizer.zero_grad()
        prediction = model(features)
        loss = criterion(prediction, target)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    train_hist.append(epoch_loss / len(train_loader))

    model.eval()
    with torch.no_grad():
        test_loss = sum(criterion(model(f), t).item() for f, t in test_loader)
    test_hist.append(test_loss / len(test_loader))
    print(f"Epoch {epoch + 1}: train {train_hist[-1]:.4f}  test {test_hist[-1]:.4f}")

# In[5]:
with torch.no_grad():
    preds = np.concatenate([model(f).numpy().ravel() for f, _ in test_loader])
truth = ys.transform(y_te.reshape(-1, 1)).ravel()
ss_res = ((truth - preds) ** 2).sum()
ss_tot = ((truth - truth.mean()) ** 2).sum()
print("R^2:", round(1 - ss_res / ss_tot, 3))
