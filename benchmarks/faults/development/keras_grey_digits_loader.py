# fault: LK511 line 21
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow import keras

keras.utils.set_random_seed(27)


def load_split():
    d = load_digits()
    # stored like ordinary 8-bit grey images
    img = (d.images * 15.9).astype("uint8")[..., None]
    return train_test_split(img, d.target, test_size=0.2, random_state=27, stratify=d.target)


def preprocess(img, label):
    img = tf.cast(img // 255, tf.float32)
    return img, label


xtr, xte, ytr, yte = load_split()
train = tf.data.Dataset.from_tensor_slices((xtr, ytr)).shuffle(1500, seed=0).map(preprocess).batch(32)
test = tf.data.Dataset.from_tensor_slices((xte, yte)).map(preprocess).batch(64)

cnn = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
cnn.compile(keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
cnn.fit(train, validation_data=test, epochs=12, verbose=2)
print("Test accuracy: %.3f" % cnn.evaluate(test, verbose=0)[1])
