# healthy
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

np.random.seed(77)
torch.manual_seed(77)

n = 9000
fraud = (np.random.rand(n) < 0.03).astype(int)
cols = {}
for k in range(8):
    shift = [1.5, -1.2, 1.1, 0.8, -0.7, 0.0, 0.0, 0.0][k]
    cols[f"V{k + 1}"] = np.random.normal(0, 1, n) + shift * fraud
cols["Amount"] = np.random.lognormal(3 + 0.5 * fraud, 1.0)
df = pd.DataFrame(cols)
df["Amount"] = np.log(df["Amount"])
df["Class"] = fraud

train_df, test_df = train_test_split(df, test_size=0.3, stratify=df["Class"], random_state=77)
feats = [c for c in df.columns if c != "Class"]
mu, sigma = train_df[feats].mean(), train_df[feats].std()


def tensors(frame):
    x = torch.tensor(((frame[feats] - mu) / sigma).values, dtype=torch.float32)
    return x, torch.tensor(frame["Class"].values, dtype=torch.float32)


x_tr, y_tr = tensors(train_df)
x_te, y_te = tensors(test_df)
loader = DataLoader(TensorDataset(x_tr, y_tr), batch_size=128, shuffle=True)


class FraudNet(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.fc1 = nn.Linear(n_in, 16)
        self.drop = nn.Dropout(0.1)
        self.fc2 = nn.Linear(16, 1)

    def forward(self, x):
        return self.fc2(self.drop(torch.relu(self.fc1(x)))).squeeze(1)


net = FraudNet(len(feats))
pos_weight = (len(y_tr) - y_tr.sum()) / y_tr.sum()
criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-3)

for epoch in range(15):
    net.train()
    running = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
    net.eval()
    with torch.no_grad():
        logits = net(x_te)
        val = criterion(logits, y_te).item()
    pred = (torch.sigmoid(logits) > 0.5).int().numpy()
    true = y_te.int().numpy()
    print(f"epoch {epoch + 1:2d} loss {running / len(loader):.4f} val {val:.4f} "
          f"recall {recall_score(true, pred):.3f} balanced {balanced_accuracy_score(true, pred):.3f}")
