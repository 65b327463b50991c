"""A small network in Keras, in steps compiled by JAX or TensorFlow (0.3, 1.3 ms); prints CPU seconds like tiny.py."""

import time

import keras
import numpy as np

EPOCHS, WARM_UP = 160, 2  # epochs, of 200 steps

keras.utils.set_random_seed(0)
generator = np.random.default_rng(0)
x, y = generator.normal(size=(6400, 20)).astype("float32"), generator.integers(0, 4, 6400)
model = keras.Sequential(
    [
        keras.Input((20,)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(4),
    ]
)
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])


class Clock(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.times = [time.process_time()]

    def on_epoch_end(self, epoch, logs=None):
        self.times.append(time.process_time())


clock = Clock()
model.fit(x, y, epochs=EPOCHS, batch_size=32, verbose=0, callbacks=[clock])
print(clock.times[-1] - clock.times[0], clock.times[-1] - clock.times[WARM_UP])
