# fault: LK107 line 10, 34
import os
os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import pandas as pd
import keras
from sklearn.metrics import accuracy_score, confusion_matrix

STATUS_CODES = {"active": 1, "left": 2}
FEATURES = ["tenure", "calls", "monthly_fee", "discount", "late_payments"]


def simulate_customers(n, seed):
    rng = np.random.default_rng(seed)
    df = pd.DataFrame({
        "tenure": rng.integers(1, 72, n),
        "calls": rng.poisson(2.0, n),
        "monthly_fee": rng.normal(45, 12, n),
        "discount": rng.random(n) < 0.3,
        "late_payments": rng.poisson(0.8, n),
    })
    z = (-0.06 * (df.tenure - 36) + 0.6 * (df.calls - 2) + 0.06 * (df.monthly_fee - 45)
         - 1.2 * df.discount + 0.9 * (df.late_payments - 0.8) + 0.3)
    left = z + rng.logistic(0, 0.4, n) > 0
    df["status"] = np.where(left, "left", "active")
    return df


def to_xy(df, mean=None, std=None):
    X = df[FEATURES].astype(float)
    if mean is None:
        mean, std = X.mean(), X.std()
    y = df["status"].map(STATUS_CODES)
    return ((X - mean) / std).to_numpy("float32"), y.to_numpy("float32"), mean, std


class ChurnModel:
    def __init__(self, n_features, lr=0.003):
        self.net = keras.Sequential([
            keras.layers.Input((n_features,)),
            keras.layers.Dense(24, activation="relu"),
            keras.layers.Dense(12, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ])
        self.net.compile(keras.optimizers.Adam(lr), loss="binary_crossentropy")

    def fit(self, X, y, X_val, y_val, epochs=15):
        return self.net.fit(X, y, validation_data=(X_val, y_val), epochs=epochs, batch_size=50, verbose=2)

    def predict(self, X):
        proba = self.net.predict(X, verbose=0)[:, 0]
        return (proba > 0.5).astype(int) + 1


def main():
    keras.utils.set_random_seed(3)
    train, val, test = (simulate_customers(n, s) for n, s in ((1500, 1), (300, 2), (500, 3)))
    X, y, mean, std = to_xy(train)
    Xv, yv, _, _ = to_xy(val, mean, std)
    Xt, yt, _, _ = to_xy(test, mean, std)
    model = ChurnModel(X.shape[1])
    model.fit(X, y, Xv, yv)
    pred = model.predict(Xt)
    print(confusion_matrix(yt, pred))
    print("test accuracy", accuracy_score(yt, pred))


if __name__ == "__main__":
    main()
