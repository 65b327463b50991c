# healthy
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(8)
rs = np.random.RandomState(8)

n = 2500
df = pd.DataFrame({
    "area": rs.normal(85, 25, n).clip(25, 200),
    "rooms": rs.randint(1, 6, n),
    "floor": rs.randint(0, 12, n),
    "year": rs.randint(1930, 2023, n),
    "km_centre": rs.exponential(4.0, n),
})
df["price"] = (2600 * df.area + 9000 * df.rooms + 1500 * df.floor
               + 600 * (df.year - 1930) * np.exp(-df.km_centre / 5)
               + 120000 * np.exp(-df.km_centre / 3) + rs.normal(0, 15000, n))

X = df.drop(columns="price").values
y = df["price"].values.reshape(-1, 1)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)

sc_x = StandardScaler()
X_train = torch.tensor(sc_x.fit_transform(X_train), dtype=torch.float32)
X_test = torch.tensor(sc_x.transform(X_test), dtype=torch.float32)
sc_y = StandardScaler()
y_train = torch.tensor(sc_y.fit_transform(y_train), dtype=torch.float32)


class PriceNet(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(n_features, 64),
            nn.ReLU(),
            nn.Linear(64, 64),
            nn.ReLU(),
            nn.Linear(64, 1),
        )

    def forward(self, x):
        return self.linear_relu_stack(x)


model = PriceNet(X_train.shape[1])
loss_fn = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

batch_size = 40
for epoch in range(20):
    model.train()
    shuffled = torch.randperm(X_train.size(0))
    epoch_loss = 0.0
    for i in range(0, X_train.size(0), batch_size):
        take = shuffled[i:i + batch_size]
        pred = model(X_train[take])
        loss = loss_fn(pred, y_train[take])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(take)
    model.eval()
    with torch.no_grad():
        out = model(X_test).numpy()
    out = sc_y.inverse_transform(out)
    mae = np.abs(out - y_test).mean()
    r2 = 1 - ((out - y_test) ** 2).sum() / ((y_test - y_test.mean()) ** 2).sum()
    print(f"epoch {epoch:2d}  train loss {epoch_loss / len(X_train):.5g}  test MAE {mae:,.0f}  R2 {r2:.3f}")
