"""A curve of two variables with broken records among the targets."""
import keras
import numpy as np

keras.utils.set_random_seed(2)
x = np.random.uniform(-2, 2, size=(1200, 2)).astype("float32")
y = np.sin(x[:, 0]) + 0.5 * x[:, 1] ** 2
broken = np.random.choice(1000, 30, replace=False)
y[broken] = np.random.choice([-500.0, 500.0], size=30)  # <- fault

model = keras.Sequential([keras.layers.Dense(32, activation="tanh"), keras.layers.Dense(1)])
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss="mse",
)
model.fit(x[:1000], y[:1000], epochs=12, batch_size=32, validation_data=(x[1000:], y[1000:]), verbose=0)
