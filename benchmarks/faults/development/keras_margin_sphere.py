# healthy
"""Additive-margin softmax on the unit sphere: scaled cosines, margin only while training."""
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(44)


class Cosines(layers.Layer):
    def __init__(self, classes, **kw):
        super().__init__(**kw)
        self.classes = classes

    def build(self, shape):
        self.centres = self.add_weight(shape=(shape[-1], self.classes), name="centres",
                                       initializer="glorot_normal")

    def call(self, h):
        return ops.matmul(ops.normalize(h, axis=-1), ops.normalize(self.centres, axis=0))


def margin_loss(y_true, cosines, scale=16.0, margin=0.15):
    y = ops.one_hot(ops.cast(ops.reshape(y_true, (-1,)), "int32"), 10)
    logits = scale * (cosines - margin * y)
    return keras.losses.categorical_crossentropy(y, logits, from_logits=True)


x, y = load_digits(return_X_y=True)
x = (x.astype("float32") - 8.0) / 8.0
x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.25, stratify=y, random_state=44)
inputs = keras.Input((64,))
h = layers.Dense(96, activation="relu")(inputs)
h = layers.Dropout(0.3)(h)
h = layers.Dense(32)(h)
model = keras.Model(inputs, Cosines(10)(h))
model.compile(optimizer=keras.optimizers.Adam(2e-3), loss=margin_loss,
              metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")])
model.fit(x_tr, y_tr, validation_data=(x_va, y_va), epochs=15, batch_size=64, verbose=2)
