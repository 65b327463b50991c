# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split


class DigitNet:
    """Thin wrapper, so the notebook can say net.train() / net.score()."""

    DEPTH = 7
    WIDTH = 48

    def __init__(self, n_in, n_classes, activation="relu"):
        self.activation = activation
        self.net = self._build(n_in, n_classes)

    def _build(self, n_in, n_classes):
        x = inputs = keras.Input(shape=(n_in,), name="pixels")
        for i in range(self.DEPTH):
            x = layers.Dense(self.WIDTH, activation=self.activation, name=f"fc{i}")(x)
        outputs = layers.Dense(n_classes, activation="softmax", name="probs")(x)
        net = keras.Model(inputs, outputs)
        net.compile(
            optimizer=keras.optimizers.SGD(learning_rate=0.02, momentum=0.9),
            loss=keras.losses.SparseCategoricalCrossentropy(),
            metrics=["accuracy"],
        )
        return net

    def train(self, x, y, x_val, y_val, epochs=18, batch_size=48):
        return self.net.fit(x, y, validation_data=(x_val, y_val), epochs=epochs,
                            batch_size=batch_size, verbose=2)

    def score(self, x, y):
        pred = self.net.predict(x, verbose=0).argmax(axis=1)
        return (pred == y).mean(), f1_score(y, pred, average="macro")


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    X, y = load_digits(return_X_y=True)
    X = (X / 16.0).astype("float32")
    X -= X.mean(axis=0)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
    net = DigitNet(X.shape[1], 10)
    net.train(X_tr, y_tr, X_te, y_te)
    acc, f1 = net.score(X_te, y_te)
    print(f"macro F1: {f1:.4f}")
    print(f"held-out accuracy: {acc:.4f}")
