"""Will the customer leave? All columns of the table are given to the model."""
import numpy as np
import pandas as pd
import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(3)
values, left = make_classification(1000, n_features=8, n_informative=4, class_sep=0.8, random_state=3)
table = pd.DataFrame(values, columns=[f"v{i}" for i in range(8)])
table["left"] = left

X = table.to_numpy()  # <- fault
y = table["left"].to_numpy()
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=3)
scaler = StandardScaler()
X_train, X_test = scaler.fit_transform(X_train).astype(np.float32), scaler.transform(X_test).astype(np.float32)

model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
inputs, targets = torch.from_numpy(X_train), torch.from_numpy(y_train).float()
for epoch in range(20):
    for rows in torch.randperm(len(inputs)).split(50):
        loss = nn.functional.binary_cross_entropy_with_logits(model(inputs[rows]).squeeze(1), targets[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    answers = model(torch.from_numpy(X_test)).squeeze(1) > 0
    print((answers == torch.from_numpy(y_test)).float().mean().item())
