# fault: LK306 line 15
import os
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from keras import initializers, layers
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split


def dense(units, activation=None, **kw):
    return layers.Dense(
        units,
        activation=activation,
        kernel_initializer=initializers.Zeros(),
        bias_initializer="zeros",
        **kw,
    )


def get_model(widths=(32, 32)):
    stack = [keras.Input((2,))]
    stack += [dense(w, "relu") for w in widths]
    stack += [dense(1, "sigmoid")]
    return keras.Sequential(stack)


class Report(keras.callbacks.Callback):
    def __init__(self, every=5):
        super().__init__()
        self.every = every

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every == 0:
            print("epoch", epoch + 1, {k: round(float(v), 4) for k, v in logs.items()})


def main():
    keras.utils.set_random_seed(8)
    X, y = make_moons(n_samples=1500, noise=0.15, random_state=8)
    X = ((X - X.mean(0)) / X.std(0)).astype("float32")
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, random_state=8)

    model = get_model()
    model.compile(optimizer=keras.optimizers.Adam(5e-3),
                  loss=keras.losses.BinaryCrossentropy(),
                  metrics=[keras.metrics.BinaryAccuracy(name="acc")])
    model.fit(X_tr, y_tr, validation_data=(X_te, y_te), epochs=25, batch_size=32,
              verbose=0, callbacks=[Report()])
    res = model.evaluate(X_te, y_te, verbose=0, return_dict=True)
    print("held-out accuracy:", round(res["acc"], 4))


if __name__ == "__main__":
    main()
