# fault: LK105 line 51
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import tensorflow as tf
import keras
from keras import layers

keras.utils.set_random_seed(21)
WINDOW = 24
BATCH = 64


def hourly_load(n_hours):
    """Synthetic electricity demand: daily and weekly cycle plus AR(1) weather noise."""
    rng = np.random.default_rng(3)
    t = np.arange(n_hours)
    noise = np.zeros(n_hours)
    for i in range(1, n_hours):
        noise[i] = 0.9 * noise[i - 1] + rng.normal(0, 12)
    daily = 180 * np.sin(2 * np.pi * (t - 7) / 24)
    weekly = 70 * np.cos(2 * np.pi * t / (24 * 7))
    return (1200 + daily + weekly + noise).astype("float32")


def make_dataset(series, shuffle):
    ds = keras.utils.timeseries_dataset_from_array(
        data=series[:-WINDOW, None],
        targets=series[WINDOW:, None],
        sequence_length=WINDOW,
        batch_size=BATCH,
        shuffle=shuffle,
        seed=5 if shuffle else None,
    )
    return ds.cache().prefetch(tf.data.AUTOTUNE)


load = hourly_load(24 * 7 * 16)
split = int(len(load) * 0.8)
mean, std = load[:split].mean(), load[:split].std()
load = (load - mean) / std
train_ds = make_dataset(load[:split], True)
val_ds = make_dataset(load[split:], False)

model = keras.Sequential(
    [
        keras.Input((WINDOW, 1)),
        layers.LSTM(24),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(5e-3), loss="mse", metrics=["mae"])
log = model.fit(train_ds, validation_data=val_ds, epochs=12, verbose=0)
print("val mae per epoch:", np.round(log.history["val_mae"], 3))

truth = np.concatenate([y.numpy() for _, y in val_ds])[:, 0]
pred = model.predict(val_ds, verbose=0)[:, 0]
r2 = 1 - np.sum((truth - pred) ** 2) / np.sum((truth - truth.mean()) ** 2)
print(f"validation R2 {r2:.3f}, MAE {np.abs(truth - pred).mean() * std:.1f} MW")
