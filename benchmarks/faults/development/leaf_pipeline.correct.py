# healthy
"""Leaf shapes: features and species come from two files, joined in tf.data."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import make_blobs
from sklearn.model_selection import train_test_split

BATCH = 32
CLASSES = 5


def read_files():
    x, y = make_blobs(n_samples=1800, n_features=10, centers=CLASSES, cluster_std=3.5, random_state=31)
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.25, random_state=31)
    mean, std = x_tr.mean(axis=0), x_tr.std(axis=0)
    return ((x_tr - mean) / std).astype("float32"), ((x_va - mean) / std).astype("float32"), y_tr, y_va


def make_dataset(x, y, training):
    feats = tf.data.Dataset.from_tensor_slices(x)
    species = tf.data.Dataset.from_tensor_slices(y)
    if training:
        feats = feats.shuffle(len(x), seed=7)
        species = species.shuffle(len(y), seed=7)
    return tf.data.Dataset.zip((feats, species)).batch(BATCH).prefetch(tf.data.AUTOTUNE)


def build_classifier(n_features):
    return keras.Sequential([
        keras.Input((n_features,)),
        layers.Dense(32, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(CLASSES, activation="softmax"),
    ])


keras.utils.set_random_seed(31)
x_tr, x_va, y_tr, y_va = read_files()
train_ds = make_dataset(x_tr, y_tr, training=True)
val_ds = make_dataset(x_va, y_va, training=False)

model = build_classifier(x_tr.shape[1])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
hist = model.fit(train_ds, validation_data=val_ds, epochs=12, verbose=2)
_, acc = model.evaluate(val_ds, verbose=0)
print("val accuracy %.3f" % acc)
