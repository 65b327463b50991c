"""A curve of three variables: a random part is held out."""
import keras
import numpy as np

keras.utils.set_random_seed(5)
rng = np.random.default_rng(5)
x = rng.uniform(-1, 1, size=(800, 3)).astype("float32")
y = (x[:, 0] * x[:, 1] + x[:, 2] ** 2).astype("float32")
order = rng.permutation(800)
x_val, y_val = x[order[:200]], y[order[:200]]
x, y = x[order[200:]], y[order[200:]]

model = keras.Sequential([keras.layers.Dense(32, activation="tanh"), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
model.fit(x, y, epochs=15, batch_size=32, validation_data=(x_val, y_val), verbose=0)
