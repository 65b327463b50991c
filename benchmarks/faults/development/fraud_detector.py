# fault: LK503 line 38
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, recall_score

torch.manual_seed(1)
np.random.seed(1)


def get_data():
    X, y = make_classification(n_samples=8000, n_features=14, n_informative=6, n_redundant=2, n_clusters_per_class=2,
                               weights=[0.97], class_sep=0.9, flip_y=0.0, random_state=1)
    parts = train_test_split(X, y, test_size=0.3, stratify=y, random_state=1)
    sc = StandardScaler().fit(parts[0])
    X_tr, X_te = (torch.tensor(sc.transform(p), dtype=torch.float32) for p in parts[:2])
    y_tr, y_te = (torch.tensor(p, dtype=torch.float32) for p in parts[2:])
    return X_tr, X_te, y_tr, y_te


class FraudNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(14, 16), nn.Linear(16, 8), nn.Linear(8, 1)

    def forward(self, x):
        x = F.relu(self.a(x))
        x = F.relu(self.b(x))
        return self.c(x).squeeze(-1)


X_tr, X_te, y_tr, y_te = get_data()
model = FraudNet()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)

for epoch in range(14):
    model.train()
    running = 0.0
    for idx in torch.randperm(len(X_tr)).split(64):
        optimizer.zero_grad()
        loss = criterion(model(X_tr[idx]), y_tr[idx])
        loss.backward()
        optimizer.step()
        running += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        hat = (torch.sigmoid(model(X_te)) > 0.5).int().numpy()
    if epoch % 2 == 1:
        print(f"epoch {epoch+1}: loss {running/len(X_tr):.4f} accuracy {(hat == y_te.numpy()).mean():.3f} "
              f"recall {recall_score(y_te, hat):.3f} balanced {balanced_accuracy_score(y_te, hat):.3f}")
print(confusion_matrix(y_te, hat).tolist())
