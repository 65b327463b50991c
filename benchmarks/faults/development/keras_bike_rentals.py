# fault: LK109 line 28
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(2)
rng = np.random.default_rng(2)

# hourly rentals from calendar and weather
n = 4000
hour = rng.integers(0, 24, n)
temp = rng.normal(15, 8, n)
wind = rng.gamma(2.0, 5.0, n)
workday = rng.integers(0, 2, n)
rentals = (
    120 + 70 * np.sin((hour - 7) / 24 * 2 * np.pi) + 4 * temp - 1.5 * wind + 25 * workday * (hour > 15) + rng.normal(0, 18, n)
)
X = np.c_[np.sin(hour / 24 * 2 * np.pi), np.cos(hour / 24 * 2 * np.pi), (temp - 15) / 8, (wind - 10) / 7, workday]
y = (rentals - rentals.mean()) / rentals.std()
Xtr, Xte, ytr, yte = train_test_split(X.astype("float32"), y.astype("float32"), test_size=0.2, random_state=0)

model = keras.Sequential(
    [keras.layers.Dense(32, activation="relu"), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)]
)
loss_fn = keras.losses.MeanSquaredError(reduction="sum")
model.compile(optimizer=keras.optimizers.SGD(0.02, momentum=0.9), loss=loss_fn)
model.fit(Xtr, ytr, batch_size=128, epochs=30, validation_data=(Xte, yte), verbose=2)

p = model.predict(Xte, verbose=0).ravel()
print("R2:", 1 - np.mean((yte - p) ** 2) / np.var(yte))
