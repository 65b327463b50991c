# fault: LK508 line 38, 58
import os
os.environ["KERAS_BACKEND"] = "torch"

import math
import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(13)


class DigitStream(keras.utils.PyDataset):
    """Yields (images, labels) batches with small brightness jitter."""

    def __init__(self, images, labels, batch_size=32, shuffle=True, jitter=0.05, **kw):
        super().__init__(**kw)
        self.images = images.copy()
        self.labels = labels.copy()
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.jitter = jitter
        self.rng = np.random.default_rng(0)
        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.images) / self.batch_size)

    def __getitem__(self, i):
        sl = slice(i * self.batch_size, (i + 1) * self.batch_size)
        x = self.images[sl]
        x = x + self.rng.normal(0, self.jitter, (len(x), 1, 1, 1)).astype("float32")
        return x, self.labels[sl]

    def on_epoch_end(self):
        if self.shuffle:
            self.rng.shuffle(self.images)


d = load_digits()
x = (d.images / 16.0).astype("float32")[..., None]
y = d.target.astype("int64")
perm = np.random.permutation(len(x))
x, y = x[perm], y[perm]
train = DigitStream(x[:1400], y[:1400], batch_size=32)
valid = DigitStream(x[1400:], y[1400:], batch_size=64, shuffle=False, jitter=0.0)

model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(16, 3, activation="relu"),
    layers.Conv2D(16, 3, activation="relu"),
    layers.Flatten(),
    layers.Dense(32, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, validation_data=valid, epochs=12, verbose=2)
print("validation accuracy", model.evaluate(valid, verbose=0)[1])
