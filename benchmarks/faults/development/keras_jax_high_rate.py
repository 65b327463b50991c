# fault: LK401 line 26
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from sklearn.datasets import load_digits

keras.utils.set_random_seed(5)


class Classifier(keras.Model):
    def __init__(self, units, classes):
        super().__init__()
        self.d1 = keras.layers.Dense(units, activation="relu")
        self.d2 = keras.layers.Dense(units, activation="relu")
        self.out = keras.layers.Dense(classes)

    def call(self, inputs):
        return self.out(self.d2(self.d1(inputs)))


images, labels = load_digits(return_X_y=True)
images = np.asarray(images / 16, dtype="float32")
model = Classifier(48, 10)
optimizer = keras.optimizers.Adam(learning_rate=0.5)
model.compile(
    optimizer=optimizer,
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["sparse_categorical_accuracy"],
)
model.fit(images, labels, batch_size=50, epochs=6, validation_split=0.2, verbose=2)
