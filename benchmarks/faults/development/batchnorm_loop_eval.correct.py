# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(42)
NUM_CLASSES = 10


def read_split():
    """The archive keeps one directory per class; the last 40 files of each are held out."""
    data = load_digits()
    train, test = [], []
    for c in range(NUM_CLASSES):
        rows = np.flatnonzero(data.target == c)
        train.append(rows[:-40])
        test.append(rows[-40:])
    train, test = np.concatenate(train), np.concatenate(test)
    x = (data.images[..., None] / 16).astype("float32")
    return x[train], data.target[train], x[test], data.target[test]


def conv_block(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.Activation("relu")(x)


def make_model():
    image = keras.Input((8, 8, 1))
    x = conv_block(image, 24)
    x = layers.MaxPooling2D()(x)
    x = conv_block(x, 48)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(NUM_CLASSES)(x))


def evaluate(model, x, y, batch_size=40):
    hits = 0
    with torch.no_grad():
        for start in range(0, len(x), batch_size):
            batch = x[start:start + batch_size]
            logits = model(batch, training=False)
            guess = keras.ops.convert_to_numpy(logits).argmax(1)
            hits += (guess == y[start:start + batch_size]).sum()
    return hits / len(x)


x_train, y_train, x_test, y_test = read_split()
model = make_model()
model.compile(optimizer=keras.optimizers.Adam(5e-3),
              loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))

for epoch in range(1, 13):
    order = np.random.permutation(len(x_train))
    losses = []
    for start in range(0, len(order), 64):
        rows = order[start:start + 64]
        losses.append(float(model.train_on_batch(x_train[rows], y_train[rows])))
    print(f"epoch {epoch:2d}  loss {losses[-1]:.3f}  test accuracy {evaluate(model, x_test, y_test):.3f}")
