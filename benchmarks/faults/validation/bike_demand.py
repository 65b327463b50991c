# fault: LK106 line 49
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import tensorflow as tf
import keras
from keras import layers
from sklearn.metrics import r2_score

keras.utils.set_random_seed(21)
rng = np.random.default_rng(21)


def bike_data(n=3000):
    hour = rng.integers(0, 24, n)
    temp = rng.normal(15, 8, n)
    wind = rng.gamma(2.0, 4.0, n)
    weekend = rng.integers(0, 2, n)
    commute = np.exp(-((hour - 8) ** 2) / 6) + np.exp(-((hour - 17.5) ** 2) / 8)
    count = 60 + 180 * commute * (1 - 0.6 * weekend) + 5 * temp - 2.5 * wind + rng.normal(0, 18, n)
    X = np.stack([
        np.sin(2 * np.pi * hour / 24), np.cos(2 * np.pi * hour / 24),
        np.sin(4 * np.pi * hour / 24), np.cos(4 * np.pi * hour / 24),
        temp, wind, weekend,
    ], axis=1)
    return X.astype("float32"), count.astype("float32")


class DemandModel(keras.Model):
    def __init__(self, hidden=48):
        super().__init__()
        self.d1 = layers.Dense(hidden, activation="relu")
        self.d2 = layers.Dense(hidden, activation="relu")
        self.out = layers.Dense(1)
        self.loss_tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def call(self, x):
        return self.out(self.d2(self.d1(x)))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            pred = self(x, training=True)
            loss = tf.reduce_mean(tf.square(y - pred))
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}


X, y = bike_data()
split = 2400
mu, sd = X[:split].mean(0), X[:split].std(0)
X = (X - mu) / sd
y_mu, y_sd = y[:split].mean(), y[:split].std()
yn = (y - y_mu) / y_sd

train_ds = (
    tf.data.Dataset.from_tensor_slices((X[:split], yn[:split]))
    .shuffle(2400, seed=0)
    .batch(64)
)

model = DemandModel()
model.compile(optimizer=keras.optimizers.Adam(2e-3))
model.fit(train_ds, epochs=25, verbose=2)

pred = model.predict(X[split:], verbose=0)[:, 0] * y_sd + y_mu
print("test R2  : %.3f" % r2_score(y[split:], pred))
print("test RMSE: %.1f bikes" % np.sqrt(np.mean((y[split:] - pred) ** 2)))
