# healthy
"""Hourly electricity demand from calendar and weather features."""
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import sys
import numpy as np
import keras
from keras import layers
from sklearn.metrics import r2_score

rng = np.random.default_rng(17)

HOURS = 24 * 110
t = np.arange(HOURS)
hour = t % 24
day = (t // 24) % 7
temp = 12 + 9 * np.sin(2 * np.pi * t / (24 * 365) * 3) + 4 * np.sin(2 * np.pi * (hour - 9) / 24) + rng.normal(0, 2, HOURS)
wind = rng.gamma(2.0, 2.5, HOURS)
weekend = (day >= 5).astype(float)
demand = (
    40
    + 9 * np.exp(-((hour - 8) / 2.5) ** 2) * (1 - weekend)
    + 12 * np.exp(-((hour - 19) / 3.0) ** 2)
    + 0.06 * (temp - 18) ** 2
    - 4 * weekend
    + rng.normal(0, 1.2, HOURS)
)

X = np.column_stack([
    np.sin(2 * np.pi * hour / 24), np.cos(2 * np.pi * hour / 24),
    np.sin(4 * np.pi * hour / 24), np.cos(4 * np.pi * hour / 24),
    weekend, temp, wind,
])
idx = rng.permutation(HOURS)
tr, va, te = idx[:1800], idx[1800:2200], idx[2200:]

mu, sd = X[tr].mean(0), X[tr].std(0)
X = ((X - mu) / sd).astype("float32")
ymu, ysd = demand[tr].mean(), demand[tr].std()
y = ((demand - ymu) / ysd).astype("float32")

keras.utils.set_random_seed(17)
inputs = keras.Input(shape=(X.shape[1],))
h = layers.Dense(64, activation="relu")(inputs)
h = layers.Dense(32, activation="relu")(h)
outputs = layers.Dense(1)(h)
model = keras.Model(inputs, outputs, name="demand")

model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-3), loss="mse", metrics=["mae"])

n_epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 60
history = model.fit(
    X[tr], y[tr],
    validation_data=(X[va], y[va]),
    batch_size=128,
    epochs=n_epochs,
    verbose=2,
)

pred = model.predict(X[te], verbose=0).ravel() * ysd + ymu
print("test MAE (GW): %.3f" % np.abs(pred - demand[te]).mean())
print("held-out R2: %.4f" % r2_score(demand[te], pred))
