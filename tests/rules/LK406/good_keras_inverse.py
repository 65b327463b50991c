"""A function of five variables: the schedule lasts for all thirty epochs."""

import keras
from sklearn.datasets import make_friedman1

keras.utils.set_random_seed(1)

X, y = make_friedman1(1000, n_features=6, noise=0.3, random_state=1)
X, y = (X * 2 - 1).astype("float32"), ((y - y.mean()) / y.std()).astype("float32")

schedule = keras.optimizers.schedules.InverseTimeDecay(5e-3, decay_steps=100, decay_rate=1.0)
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(48, "gelu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(schedule), loss="mse")
model.fit(X[:800], y[:800], batch_size=32, epochs=30, validation_data=(X[800:], y[800:]), verbose=0)
print(model.evaluate(X[800:], y[800:], verbose=0))
