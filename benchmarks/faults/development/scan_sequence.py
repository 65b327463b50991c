# fault: LK511 line 34
"""Scans are read batch by batch from an .npz archive through a PyDataset."""
import os
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

FOLDER = tempfile.mkdtemp()


def write_archive(name, x, y):
    path = os.path.join(FOLDER, name)
    np.savez(path, x=x, y=y)
    return path


class ScanSequence(keras.utils.PyDataset):
    def __init__(self, path, batch_size=32, start=0, **kwargs):
        super().__init__(**kwargs)
        with np.load(path) as archive:
            self.x, self.y = archive["x"], archive["y"]
        self.batch_size = batch_size
        self.start = start

    def __len__(self):
        return (len(self.x) - self.start) // self.batch_size

    def __getitem__(self, idx):
        low = self.start * self.batch_size
        high = low + self.batch_size
        return self._prepare(self.x[low:high]), self.y[low:high]

    def _prepare(self, images):
        return images.reshape(-1, 64).astype("float32") / 16.0


def build_model():
    return keras.Sequential([
        keras.Input((64,)),
        layers.Dense(96, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(10, activation="softmax"),
    ])


def main():
    keras.utils.set_random_seed(5)
    digits = load_digits()
    order = np.random.default_rng(5).permutation(len(digits.target))
    images, target = digits.images[order], digits.target[order]
    train = ScanSequence(write_archive("train.npz", images[:1400], target[:1400]))
    x_val, y_val = images[1400:].reshape(-1, 64).astype("float32") / 16.0, target[1400:]

    model = build_model()
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    hist = model.fit(train, validation_data=(x_val, y_val), epochs=12, verbose=0)
    print("train acc", np.round(hist.history["accuracy"], 3))
    print("val acc  ", np.round(hist.history["val_accuracy"], 3))
    print("final val accuracy %.3f" % hist.history["val_accuracy"][-1])


main()
