# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import keras
from keras import layers
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split


def flats(n=3000, seed=0):
    rng = np.random.default_rng(seed)
    area = rng.normal(75, 25, n).clip(20, 200)
    rooms = np.round(area / 25 + rng.normal(0, 0.6, n)).clip(1, 7)
    age = rng.uniform(0, 100, n)
    centre_km = rng.gamma(2.0, 3.0, n)
    floor = rng.integers(0, 9, n)
    price = 4200 * area * np.exp(-centre_km / 14) + 9000 * rooms - 600 * age + 2500 * floor + 40000
    price *= np.exp(rng.normal(0, 0.06, n))
    return np.stack([area, rooms, age, centre_km, floor], 1), price


X, price = flats()
X_train, X_test, p_train, p_test = train_test_split(X, price, test_size=0.2, random_state=4)

keras.utils.set_random_seed(4)
norm = layers.Normalization()
norm.adapt(X_train)
X_train, X_test = np.asarray(norm(X_train)), np.asarray(norm(X_test))

scale, offset = p_train.std(), p_train.mean()
y_train = (p_train - offset) / scale

model = keras.Sequential([
    keras.Input((5,)),
    layers.Dense(64, activation="relu"),
    layers.Dense(64, activation="relu"),
    layers.Dense(1),
])
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse")
model.fit(X_train, y_train, epochs=25, batch_size=32, validation_split=0.1, verbose=2)

pred = model.predict(X_test, verbose=0)[:, 0] * scale + offset
print(f"MAE {mean_absolute_error(p_test, pred):,.0f}   R2 {r2_score(p_test, pred):.4f}")
