# healthy
"""Compress 8x8 digit images to 16 numbers with a pixel-likelihood autoencoder (Keras on TensorFlow)."""
import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def build(code=16):
    encoder = keras.Sequential([keras.Input((64,)), layers.Dense(64, activation="relu"), layers.Dense(code)])
    decoder = keras.Sequential([keras.Input((code,)), layers.Dense(64, activation="relu"),
                                layers.Dense(64, activation="sigmoid")])
    inp = keras.Input((64,))
    return keras.Model(inp, decoder(encoder(inp)))


def main():
    keras.utils.set_random_seed(33)
    pixels = (load_digits().data / 16.0).astype("float32")
    train, test = train_test_split(pixels, test_size=0.25, random_state=33)
    model = build()
    model.compile(optimizer=keras.optimizers.Adam(4e-3), loss="binary_crossentropy")
    model.fit(train, train, batch_size=32, epochs=25, validation_data=(test, test), verbose=2)
    back = model.predict(test, verbose=0)
    explained = 1 - ((back - test) ** 2).sum() / ((test - train.mean(0)) ** 2).sum()
    print("explained pixel variance on test images: %.3f" % explained)


if __name__ == "__main__":
    main()
