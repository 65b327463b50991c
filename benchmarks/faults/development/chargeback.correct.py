# healthy
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(42)
np.random.seed(42)

X, y = make_classification(n_samples=8000, n_features=14, n_informative=6, n_redundant=2, weights=[0.965],
                           class_sep=0.9, n_clusters_per_class=1, flip_y=0.004, random_state=6)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=42)
scaler = StandardScaler()
X_train = torch.FloatTensor(scaler.fit_transform(X_train))
X_test = torch.FloatTensor(scaler.transform(X_test))
y_train = torch.FloatTensor(y_train).unsqueeze(1)

model = nn.Sequential(
    nn.Linear(14, 16),
    nn.ReLU(),
    nn.Linear(16, 1),
)
n_pos = y_train.sum()
criterion = nn.BCEWithLogitsLoss(pos_weight=(len(y_train) - n_pos) / n_pos)
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)

num_epochs = 15
batch_size = 128
for epoch in range(num_epochs):
    model.train()
    permutation = torch.randperm(X_train.size(0))
    epoch_loss = 0
    for i in range(0, X_train.size(0), batch_size):
        indices = permutation[i:i + batch_size]
        optimizer.zero_grad()
        outputs = model(X_train[indices])
        loss = criterion(outputs, y_train[indices])
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(indices)
    print(f"Epoch [{epoch + 1}/{num_epochs}], Loss: {epoch_loss / len(X_train):.4f}")

model.eval()
with torch.no_grad():
    predicted = (torch.sigmoid(model(X_test)) > 0.5).int().numpy().ravel()
print("accuracy:          %.4f" % (predicted == y_test).mean())
print("balanced accuracy: %.4f" % balanced_accuracy_score(y_test, predicted))
print("chargeback recall: %.4f" % recall_score(y_test, predicted))
