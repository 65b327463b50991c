# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
import pandas as pd
from keras import layers
from sklearn.metrics import r2_score

keras.utils.set_random_seed(19)


def read_station(n=2500):
    rng = np.random.default_rng(19)
    t = np.arange(n)
    df = pd.DataFrame(index=pd.date_range("2021-01-01", periods=n, freq="h"))
    df["no2"] = 30 + 10 * np.sin(2 * np.pi * t / 24) + rng.normal(0, 5, n)
    df["o3"] = 50 - 0.8 * df.no2 + rng.normal(0, 5, n)
    df["temp"] = 12 + 8 * np.sin(2 * np.pi * (t - 6) / 24) + rng.normal(0, 2, n)
    df["wind"] = rng.gamma(2, 1.8, n)
    df["humidity"] = rng.uniform(30, 95, n)
    df["pm25"] = (
        6 + 0.45 * df.no2 + 0.1 * df.humidity - 1.8 * df.wind
        + 0.02 * (df.temp - 12) ** 2 + rng.normal(0, 1.5, n)
    )
    # sensors drop out now and then
    for col in ["no2", "o3", "wind"]:
        df.loc[df.index[rng.random(n) < 0.02], col] = np.nan
    return df


df = read_station()
df["hour"] = df.index.hour
df["hour_sin"] = np.sin(2 * np.pi * df.hour / 24)
df["hour_cos"] = np.cos(2 * np.pi * df.hour / 24)
df = df.drop(columns="hour")
print(df.describe().T[["mean", "std", "min", "max"]])
print(df.isna().sum())
df = df.interpolate(limit_direction="both")

cols = [c for c in df.columns if c != "pm25"]
cut = int(len(df) * 0.8)
stats = df.iloc[:cut].agg(["mean", "std"])
z = (df - stats.loc["mean"]) / stats.loc["std"]
X, y = z[cols].to_numpy("float32"), z[["pm25"]].to_numpy("float32")

model = keras.Sequential([
    keras.Input((len(cols),)),
    layers.Dense(32, activation="relu"),
    layers.Dense(16, activation="relu"),
    layers.Dense(1),
])
model.compile(optimizer="adam", loss="mse")


class EpochLog(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(f"epoch {epoch + 1}  train {logs['loss']:.4f}  valid {logs['val_loss']:.4f}")


model.fit(X[:cut], y[:cut], epochs=20, batch_size=32, verbose=0,
          validation_data=(X[cut:], y[cut:]), callbacks=[EpochLog()])
pred = model.predict(X[cut:], verbose=0)
pred = np.nan_to_num(pred)
print("R2 on last 20%:", round(r2_score(y[cut:], pred), 3))
