# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers


def auction_results(n, seed):
    """Hammer prices (in pounds) from area, age, distance and condition."""
    rng = np.random.default_rng(seed)
    area = rng.uniform(30, 180, n)
    age = rng.uniform(0, 120, n)
    centre_km = rng.exponential(4.0, n)
    condition = rng.integers(1, 6, n)
    price = (2400 * area + 18000 * condition) * np.exp(-0.07 * centre_km) - 350 * age
    price = price + rng.normal(0, 12000, n) + 40000
    return np.column_stack([area, age, centre_km, condition]).astype("float32"), price.astype("float32")


def r_squared(y, p):
    return float(1 - np.sum((y - p) ** 2) / np.sum((y - y.mean()) ** 2))


keras.utils.set_random_seed(14)
x, price = auction_results(2500, 14)
x_val, price_val = auction_results(600, 15)

scale = layers.Normalization()
scale.adapt(x)
offset, spread = float(price.mean()), float(price.std())


inputs = keras.Input((4,))
h = scale(inputs)
for units in (64, 64):
    h = layers.Dense(units, activation="relu")(h)
model = keras.Model(inputs, layers.Dense(1)(h))
model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="mse")
model.fit(x, (price - offset) / spread, validation_data=(x_val, (price_val - offset) / spread),
          batch_size=64, epochs=30, verbose=2)
estimate = model.predict(x_val, verbose=0).ravel() * spread + offset
print("validation R2:", round(r_squared(price_val, estimate), 3))
print("mean error (pounds):", int(np.abs(estimate - price_val).mean()))
