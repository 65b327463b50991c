# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
import keras
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(42)

digits = load_digits()
images = (digits.images / 16.0).astype("float32")[..., None]
target = digits.target
order = np.random.permutation(len(target))
images, target = images[order], target[order]

x_train, y_train = images[:1300], target[:1300]
x_val, y_val = images[1300:], target[1300:]


def pipeline(x, shuffle, batch=50):
    ds = tf.data.Dataset.from_tensor_slices(x)
    if shuffle:
        ds = ds.shuffle(len(x), seed=0)
    return ds.batch(batch)


def convolutional_base():
    """Small conv encoder, first trained to rebuild the pictures."""
    enc = keras.Sequential([
        layers.Input((8, 8, 1)),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(24, 3, padding="same", activation="relu"),
        layers.Flatten(),
    ])
    dec = keras.Sequential([layers.Input((384,)), layers.Dense(64, activation="sigmoid"),
                            layers.Reshape((8, 8, 1))])
    ae = keras.Sequential([layers.Input((8, 8, 1)), enc, dec])
    ae.compile("adam", "mse")
    ae.fit(x_train, x_train, epochs=6, batch_size=32, verbose=0)
    print("reconstruction mse", ae.evaluate(x_val, x_val, verbose=0))
    return enc


# step 1: bottleneck features
base = convolutional_base()
train_features = base.predict(pipeline(x_train, shuffle=False), verbose=0)
val_features = base.predict(pipeline(x_val, shuffle=False), verbose=0)
train_labels = keras.utils.to_categorical(y_train, 10)
val_labels = keras.utils.to_categorical(y_val, 10)
print("features", train_features.shape, val_features.shape)

# step 2: a small classifier on top
top = keras.Sequential([
    layers.Input(train_features.shape[1:]),
    layers.Dense(48, activation="relu"),
    layers.Dropout(0.15),
    layers.Dense(10, activation="softmax"),
])
top.compile(optimizer=keras.optimizers.Adam(3e-3), loss="categorical_crossentropy", metrics=["accuracy"])
top.fit(train_features, train_labels, epochs=18, batch_size=32,
        validation_data=(val_features, val_labels), verbose=2)
print("val acc", top.evaluate(val_features, val_labels, verbose=0)[1])
