# healthy
"""Student learns from a teacher's softened predictions and the labels."""
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

T = 3.0
ALPHA = 0.3


def net(widths, name):
    return keras.Sequential(
        [keras.Input((64,))] + [layers.Dense(w, activation="relu") for w in widths] + [layers.Dense(10)], name=name
    )


def distillation_loss(y_true, logits):
    hard, soft = y_true[:, :10], y_true[:, 10:]
    ce = -ops.sum(hard * ops.log_softmax(logits), axis=-1)
    kd = -ops.sum(soft * ops.log_softmax(logits / T), axis=-1)
    return ALPHA * ce + (1 - ALPHA) * T * T * kd


def hit_rate(y_true, logits):
    return ops.cast(ops.equal(ops.argmax(y_true[:, :10], -1), ops.argmax(logits, -1)), "float32")


keras.utils.set_random_seed(5)
x, y = load_digits(return_X_y=True)
x = (x / 16.0).astype("float32")
x_tr, x_te, y_tr, y_te = train_test_split(x, y, test_size=0.25, stratify=y, random_state=5)

teacher = net([128], "teacher")
teacher.compile(keras.optimizers.Adam(2e-3),
                keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
teacher.fit(x_tr, y_tr, validation_data=(x_te, y_te), epochs=10, batch_size=32, verbose=0)

soft = lambda a: np.array(ops.softmax(teacher.predict(a, verbose=0) / T))
pack = lambda a, b: np.hstack([keras.utils.to_categorical(b, 10), soft(a)]).astype("float32")
student = net([24], "student")
student.compile(keras.optimizers.Adam(3e-3), loss=distillation_loss, metrics=[hit_rate])
h = student.fit(x_tr, pack(x_tr, y_tr), validation_data=(x_te, pack(x_te, y_te)),
                epochs=15, batch_size=32, verbose=0)
print("student loss", np.round(h.history["loss"][::3], 3))
print("teacher %.3f  student %.3f" % (teacher.evaluate(x_te, y_te, verbose=0)[1], h.history["val_hit_rate"][-1]))
