# healthy
import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, classification_report
from sklearn.model_selection import train_test_split


class PostcodeReader(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(16, 3, activation="relu", padding="same")
        self.pool = layers.MaxPooling2D()
        self.flat = layers.Flatten()
        self.hidden = layers.Dense(64, activation="relu")
        self.answer = layers.Dense(10, activation="softmax")

    def call(self, images):
        return self.answer(self.hidden(self.flat(self.pool(self.conv(images)))))


keras.utils.set_random_seed(23)
images, digit = load_digits(return_X_y=True)
images = (images / 16.0).reshape(-1, 8, 8, 1).astype("float32")
im_train, im_test, d_train, d_test = train_test_split(images, digit, test_size=0.25,
                                                      stratify=digit, random_state=23)

reader = PostcodeReader()
reader.compile(optimizer=keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy")
reader.fit(im_train, d_train, epochs=15, batch_size=32, validation_split=0.1, verbose=2)
guess = reader.predict(im_test, verbose=0).argmax(1)
print(classification_report(d_test, guess, zero_division=0))
print("test accuracy", round(accuracy_score(d_test, guess), 3))
