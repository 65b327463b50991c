"""Where long random walks end, with Keras."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
steps = rng.normal(size=(1200, 80, 2)).astype("float32")
ends = steps.sum(axis=1) / 80**0.5

model = keras.Sequential(
    [
        keras.Input((80, 2)),
        keras.layers.SimpleRNN(32, activation="relu", recurrent_initializer="identity"),
        keras.layers.Dense(2),
    ]
)
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.02, momentum=0.9, clipnorm=1.0),  # <- fault
    loss="mse",
)
model.fit(steps[:1000], ends[:1000], epochs=6, batch_size=32, validation_data=(steps[1000:], ends[1000:]), verbose=2)
