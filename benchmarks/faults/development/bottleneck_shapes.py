# fault: LK508 line 61
"""Re-use the convolutional part of a small network: train it on the digits 0-4,
store its features for the digits 5-9, then fit a light classifier on the stored features."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(11)


class ImageFlow(keras.utils.PyDataset):
    """Minibatches of images and labels."""

    def __init__(self, images, labels, batch_size=64, shuffle=True):
        super().__init__()
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.order = np.arange(len(images))
        self.on_epoch_end()

    def __len__(self):
        return int(np.ceil(len(self.images) / self.batch_size))

    def __getitem__(self, item):
        rows = self.order[item * self.batch_size:(item + 1) * self.batch_size]
        return self.images[rows], self.labels[rows]

    def on_epoch_end(self):
        if self.shuffle:
            np.random.shuffle(self.order)


digits = load_digits()
images = (digits.images / 16.0).astype("float32")[..., None]
low = digits.target < 5
base_x, base_y = images[low], digits.target[low]
new_x, new_y = images[~low], digits.target[~low] - 5
train_x, test_x, train_y, test_y = train_test_split(
    new_x, new_y, test_size=0.3, stratify=new_y, random_state=0)

inputs = keras.Input((8, 8, 1))
h = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
h = layers.MaxPooling2D()(h)
h = layers.Conv2D(32, 3, padding="same", activation="relu")(h)
features = layers.Flatten()(h)
base = keras.Model(inputs, features)
source = keras.Model(inputs, layers.Dense(5, activation="softmax")(features))
source.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
source.fit(ImageFlow(base_x, base_y), epochs=6, verbose=0)
print("source task accuracy", round(source.evaluate(base_x, base_y, verbose=0)[1], 3))

train_flow = ImageFlow(train_x, train_y, batch_size=32)
bottleneck_train = base.predict(train_flow, verbose=0)
bottleneck_test = base.predict(test_x, verbose=0)
labels_train = train_flow.labels

top = keras.Sequential([
    keras.Input(bottleneck_train.shape[1:]),
    layers.Dense(32, activation="relu"),
    layers.Dense(5, activation="softmax"),
])
top.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
history = top.fit(bottleneck_train, labels_train, epochs=15, batch_size=32,
                  validation_data=(bottleneck_test, test_y), verbose=0)
for epoch in range(0, 15, 3):
    print(f"epoch {epoch + 1:2d} loss {history.history['loss'][epoch]:.3f} "
          f"val_accuracy {history.history['val_accuracy'][epoch]:.3f}")
print(f"test accuracy {top.evaluate(bottleneck_test, test_y, verbose=0)[1]:.3f}")
