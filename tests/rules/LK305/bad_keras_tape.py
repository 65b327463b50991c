"""Two rings, in a training step with a tape of its own that hands over the last layer only."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
from sklearn.datasets import make_circles

keras.utils.set_random_seed(0)
X, y = make_circles(n_samples=800, noise=0.05, factor=0.5, random_state=0)
X, y = (2 * X).astype("float32"), y.astype("float32")[:, None]


class Rings(keras.Model):
    def __init__(self):
        super().__init__()
        self.body = keras.layers.Dense(6, activation="tanh")
        self.head = keras.layers.Dense(1)

    def call(self, x):
        return self.head(self.body(x))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=self(x)))
        variables = self.head.trainable_variables  # <- fault
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return {"loss": loss}


model = Rings()
model.compile(optimizer=keras.optimizers.Adam(0.02))
model.fit(X, y, batch_size=40, epochs=20, verbose=0)
