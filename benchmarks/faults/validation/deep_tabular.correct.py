# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(9)


def dense_block(x, units, name):
    return layers.Dense(units, activation="relu", kernel_initializer="he_normal", name=name)(x)


def make_model(n_in, n_out, depth=8, width=48):
    inp = keras.Input((n_in,))
    x = inp
    for i in range(depth):
        x = dense_block(x, width, f"hidden_{i}")
    out = layers.Dense(n_out, activation="softmax", name="probs")(x)
    return keras.Model(inp, out)


class PrintEvery(keras.callbacks.Callback):
    def __init__(self, every=5):
        super().__init__()
        self.every = every

    def on_epoch_end(self, epoch, logs=None):
        if epoch % self.every == 0:
            print(f"epoch {epoch}: " + ", ".join(f"{k}={v:.4f}" for k, v in logs.items()))


X, y = load_digits(return_X_y=True)
X = (X.astype("float32") - 8.0) / 8.0
Y = keras.utils.to_categorical(y, 10)
X_tr, X_te, Y_tr, Y_te = train_test_split(X, Y, test_size=0.25, random_state=9, stratify=y)

net = make_model(64, 10)
print("parameters:", net.count_params())
net.compile(
    optimizer=keras.optimizers.Adam(5e-4),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)
net.fit(
    X_tr, Y_tr,
    batch_size=64,
    epochs=16,
    validation_data=(X_te, Y_te),
    callbacks=[PrintEvery(3)],
    verbose=0,
)
print("held-out accuracy:", round(float(net.evaluate(X_te, Y_te, verbose=0)[1]), 4))
