# fault: LK507 line 25, 30, 31, 35, 57
"""Tomorrow's evapotranspiration from today's weather-station readings."""
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from sklearn.metrics import r2_score

SENSORS = ["t_air", "humidity", "wind", "radiation", "soil"]


def read_station(n=2600, seed=6):
    r = np.random.default_rng(seed)
    df = pd.DataFrame({
        "t_air": r.normal(17, 7, n),
        "humidity": r.uniform(25, 98, n),
        "wind": r.gamma(2, 1.6, n),
        "radiation": r.normal(15, 5, n).clip(0),
        "soil": r.uniform(0.08, 0.42, n),
    })
    df["et"] = (0.11 * df.t_air + 0.16 * df.radiation - 0.025 * df.humidity
                + 0.012 * df.wind * df.t_air + 2.5 * df.soil + r.normal(0, 0.35, n))
    for col in SENSORS:
        out = r.random(n) < 0.04
        df.loc[out, col] = -9999.0
    return df


def prepare(df):
    train, test = df.iloc[:2000].copy(), df.iloc[2000:].copy()
    mean, std = train[SENSORS].mean(), train[SENSORS].std()
    y_mean, y_std = train.et.mean(), train.et.std()

    def tensors(part):
        x = torch.tensor(((part[SENSORS] - mean) / std).to_numpy(), dtype=torch.float32)
        y = torch.tensor(((part.et - y_mean) / y_std).to_numpy(), dtype=torch.float32)
        return x, y.unsqueeze(1)

    return tensors(train), tensors(test)


class ETModel(nn.Module):
    def __init__(self, n_in, hidden=32):
        super().__init__()
        self.fc1 = nn.Linear(n_in, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.out(x)


def main(epochs=20, batch=40):
    torch.manual_seed(6)
    (x_train, y_train), (x_test, y_test) = prepare(read_station())
    model = ETModel(len(SENSORS))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    mse = nn.MSELoss()
    for epoch in range(epochs):
        model.train()
        run = 0.0
        for b in torch.randperm(len(x_train)).split(batch):
            optimizer.zero_grad()
            loss = mse(model(x_train[b]), y_train[b])
            loss.backward()
            optimizer.step()
            run += loss.item() * len(b)
        model.eval()
        with torch.no_grad():
            r2 = r2_score(y_test.numpy(), model(x_test).numpy())
        print(f"{epoch + 1:>3} train mse {run / len(x_train):.4f}  test r2 {r2:.4f}")
    print(f"METRIC r2 {r2:.4f}")


if __name__ == "__main__":
    main()
