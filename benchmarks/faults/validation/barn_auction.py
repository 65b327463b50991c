# fault: LK506 line 45
"""Auction price of second-hand tractors, in euros."""
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import pandas as pd
import keras
from keras import layers
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def tractors(n=2000, seed=9):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "horsepower": rng.normal(120, 35, n).clip(40, 260),
        "hours": rng.gamma(3, 1500, n),
        "age": rng.integers(1, 25, n),
        "loader": rng.integers(0, 2, n),
        "cab_grade": rng.integers(1, 6, n),
    })
    price = (520 * frame.horsepower * np.exp(-frame.age / 14) * (1 - frame.hours / 40000).clip(0.3)
             + 3500 * frame.loader + 1200 * frame.cab_grade + rng.normal(0, 1800, n) + 9000)
    return frame, price.to_numpy()


def make_net(n_features):
    return keras.Sequential([
        keras.Input((n_features,)),
        layers.Dense(32, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(1),
    ])


def main():
    keras.utils.set_random_seed(9)
    frame, price = tractors()
    f_train, f_test, p_train, p_test = train_test_split(frame, price, test_size=0.2, random_state=9)
    scaler = StandardScaler()
    x_train = scaler.fit_transform(f_train)
    x_test = scaler.transform(f_test)
    y_train = p_train.astype("float32")

    net = make_net(x_train.shape[1])
    net.compile(optimizer=keras.optimizers.Adam(2e-3), loss="mse", metrics=["mae"])
    net.fit(x_train, y_train, batch_size=32, epochs=20, validation_split=0.1, verbose=2)

    predicted = net.predict(x_test, verbose=0).ravel()
    print(f"MAE  {mean_absolute_error(p_test, predicted):,.0f} EUR")
    print(f"R2   {r2_score(p_test, predicted):.3f}")


if __name__ == "__main__":
    main()
