# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
import torch
from keras import layers, ops
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(42)


class Regressor(keras.Model):
    """MLP with its own training step so that we can log the raw error."""

    def __init__(self):
        super().__init__()
        self.net = keras.Sequential(
            [layers.Dense(32, activation="relu"), layers.Dense(32, activation="relu"), layers.Dense(1)]
        )
        self.loss_tracker = keras.metrics.Mean(name="loss")

    def call(self, x):
        return self.net(x)

    def train_step(self, data):
        x, y = data
        self.zero_grad()
        y_pred = self(x, training=True)
        loss = ops.mean(ops.square(y - ops.squeeze(y_pred, axis=-1)))
        loss.backward()
        weights = [v for v in self.trainable_weights]
        with torch.no_grad():
            self.optimizer.apply([v.value.grad for v in weights], weights)
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}


X, y = make_friedman1(n_samples=1200, n_features=8, noise=0.5, random_state=1)
X = ((X - 0.5) / 0.29).astype("float32")
y = ((y - y.mean()) / y.std()).astype("float32")
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, random_state=1)

model = Regressor()
model.compile(optimizer=keras.optimizers.Adam(3e-3))
model.fit(X_tr, y_tr, epochs=30, batch_size=64, verbose=2)

pred = model.predict(X_te, verbose=0)[:, 0]
ss = ((y_te - pred) ** 2).sum() / ((y_te - y_te.mean()) ** 2).sum()
print("held-out R^2 = %.3f" % (1 - ss))
