# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(21)
rng = np.random.default_rng(21)
X = rng.normal(size=(4000, 6)).astype("float32")
rate = np.exp(1.2 + 0.5 * X[:, 0] - 0.4 * X[:, 1] + 0.3 * X[:, 2] * (X[:, 3] > 0))
y = rng.poisson(rate).astype("float32")
cut = 3200

model = keras.Sequential(
    [keras.Input((6,)), layers.Dense(24, activation="relu"), layers.Dense(12, activation="relu"), layers.Dense(1, activation="exponential")]
)
model.compile(keras.optimizers.Adam(2e-3), loss="poisson")
model.fit(X[:cut], y[:cut], epochs=25, batch_size=64, validation_data=(X[cut:], y[cut:]), verbose=2)
mu = model.predict(X[cut:], verbose=0)[:, 0]


def deviance(y, m):
    return 2 * np.mean(np.where(y > 0, y * np.log(np.maximum(y, 1e-9) / m), 0) - (y - m))


d0, d1 = deviance(y[cut:], np.full_like(mu, y[:cut].mean())), deviance(y[cut:], mu)
print("explained deviance %.3f (ideal %.3f)" % (1 - d1 / d0, 1 - deviance(y[cut:], rate[cut:]) / d0))
