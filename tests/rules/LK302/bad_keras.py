"""A recurrent network that continues noisy waves, with Keras."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)

LENGTH = 50
phase, frequency = rng.uniform(0, 6.28, (1000, 1)), rng.uniform(0.2, 0.6, (1000, 1))
waves = np.sin(phase + frequency * np.arange(LENGTH + 1)) + rng.normal(scale=0.05, size=(1000, LENGTH + 1))
waves = waves.astype("float32")
inputs, following = waves[:, :-1, None], waves[:, -1:]

model = keras.Sequential(
    [
        keras.Input((LENGTH, 1)),
        keras.layers.SimpleRNN(32, activation="relu", recurrent_initializer="identity"),
        keras.layers.Dense(1),
    ]
)
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.01, momentum=0.9),  # <- fault
    loss="mse",
)
model.fit(inputs[:800], following[:800], epochs=6, batch_size=32, verbose=2)
print(model.evaluate(inputs[800:], following[800:], verbose=0))
