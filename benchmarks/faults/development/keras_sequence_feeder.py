# fault: LK508 line 28, 29
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class DigitFeeder(keras.utils.PyDataset):
    def __init__(self, x, y, batch_size=32, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y = x.copy(), y.copy()
        self.batch_size = batch_size
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self):
        return len(self.x) // self.batch_size

    def __getitem__(self, i):
        s = slice(i * self.batch_size, (i + 1) * self.batch_size)
        return self.x[s], self.y[s]

    def on_epoch_end(self):
        self.rng.shuffle(self.x)
        self.rng.shuffle(self.y)


keras.utils.set_random_seed(15)
data = load_digits()
images = (data.images[..., None] / 16.0).astype("float32")
x_train, x_val, y_train, y_val = train_test_split(images, data.target, test_size=0.2, random_state=15)

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(DigitFeeder(x_train, y_train), epochs=15, validation_data=(x_val, y_val), verbose=2)
print("val accuracy", round(model.evaluate(x_val, y_val, verbose=0)[1], 3))
