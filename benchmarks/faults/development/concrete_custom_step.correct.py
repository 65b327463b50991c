# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import tensorflow as tf
from sklearn.datasets import make_friedman1
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split


class StrengthModel(keras.Model):
    """Concrete strength from its mix, with its own training step."""

    def __init__(self, width=64):
        super().__init__()
        self.hidden1 = keras.layers.Dense(width, activation="relu")
        self.hidden2 = keras.layers.Dense(width, activation="relu")
        self.out = keras.layers.Dense(1)
        self.loss_tracker = keras.metrics.Mean(name="loss")

    def call(self, x):
        return self.out(self.hidden2(self.hidden1(x)))

    @property
    def metrics(self):
        return [self.loss_tracker]

    def _loss(self, y, y_pred):
        return tf.reduce_mean(tf.square(y - tf.squeeze(y_pred, axis=-1)))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self._loss(y, self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    def test_step(self, data):
        x, y = data
        self.loss_tracker.update_state(self._loss(y, self(x, training=False)))
        return {"loss": self.loss_tracker.result()}


def main():
    keras.utils.set_random_seed(1)
    x, y = make_friedman1(n_samples=2000, n_features=8, noise=0.5, random_state=1)
    x = (x - x.mean(0)) / x.std(0)
    y = (y - y.mean()) / y.std()
    x_train, x_test, y_train, y_test = train_test_split(
        x.astype("float32"), y.astype("float32"), test_size=0.25, random_state=1)
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(1500, seed=1).batch(32)
    test = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(100)

    model = StrengthModel()
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    history = model.fit(train, validation_data=test, epochs=20, verbose=0)
    for e in range(0, 20, 5):
        print("epoch", e + 1, "loss %.3f" % history.history["loss"][e],
              "val_loss %.3f" % history.history["val_loss"][e])
    print("test R2 %.3f" % r2_score(y_test, model.predict(test, verbose=0)[:, 0]))


main()
