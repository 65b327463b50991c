import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
from sklearn.datasets import load_digits

keras.utils.set_random_seed(0)
digits = load_digits()
pictures = (digits.data * 15).astype("uint8")


def scaled(picture, label):
    picture = tf.cast(picture, tf.float32) / 255
    return picture, label


data = tf.data.Dataset.from_tensor_slices((pictures, digits.target)).map(scaled).batch(64)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(3e-3), loss=loss, metrics=["accuracy"])
model.fit(data, epochs=8, verbose=0)
print(model.evaluate(data, verbose=0))
