# healthy
"""Keras model on torch with a train_step of our own (gradient-norm logging)."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from keras import layers
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class LoggedModel(keras.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.grad_norm = keras.metrics.Mean(name="grad_norm")

    def train_step(self, data):
        x, y = data
        self.zero_grad()

        y_pred = self(x, training=True)
        loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
        loss.backward()

        weights = self.trainable_weights
        gradients = [w.value.grad for w in weights]
        total = torch.sqrt(sum((g**2).sum() for g in gradients))
        with torch.no_grad():
            self.optimizer.apply(gradients, weights)

        self.grad_norm.update_state(total.detach())
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss.detach())
            elif metric.name != "grad_norm":
                metric.update_state(y, y_pred.detach())
        return {m.name: m.result() for m in self.metrics}


def build(n_in, lr):
    inputs = keras.Input((n_in,))
    x = layers.Dense(32, activation="relu")(inputs)
    x = layers.Dense(32, activation="relu")(x)
    model = LoggedModel(inputs, layers.Dense(1, activation="sigmoid")(x))
    model.compile(
        optimizer=keras.optimizers.SGD(lr, momentum=0.9),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    return model


def two_spirals(n, seed):
    rng = np.random.default_rng(seed)
    points, side = make_moons(n, noise=0.12, random_state=seed)
    extra = rng.normal(size=(n, 3))
    return np.hstack([points, extra]), side.astype("float32")[:, None]


if __name__ == "__main__":
    keras.utils.set_random_seed(14)
    x, y = two_spirals(1600, 14)
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.25, random_state=14)
    sc = StandardScaler().fit(x_tr)
    model = build(x.shape[1], lr=0.05)
    log = model.fit(sc.transform(x_tr), y_tr, validation_data=(sc.transform(x_va), y_va),
                    epochs=15, batch_size=32, verbose=0)
    for name in ("loss", "grad_norm", "val_accuracy"):
        print(name, np.round(log.history[name], 3))
    print("val accuracy %.3f" % model.evaluate(sc.transform(x_va), y_va, verbose=0, return_dict=True)["accuracy"])
