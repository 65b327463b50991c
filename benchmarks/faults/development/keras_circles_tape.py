# fault: LK305 line 33
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import tensorflow as tf
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers


class Classifier(keras.Model):
    def __init__(self, hidden, **kw):
        super().__init__(**kw)
        self.encoder = keras.Sequential([layers.Dense(hidden, activation="tanh"), layers.Dense(4, activation="tanh")])
        self.head = layers.Dense(1)
        self.acc = keras.metrics.BinaryAccuracy(threshold=0.0, name="acc")
        self.loss_avg = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.loss_avg, self.acc]

    def call(self, x, training=False):
        return self.head(self.encoder(x))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            logits = self(x, training=True)
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits))
        weights = self.head.trainable_variables
        grads = tape.gradient(loss, weights)
        self.optimizer.apply_gradients(zip(grads, weights))
        self.loss_avg.update_state(loss)
        self.acc.update_state(y, logits)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        x, y = data
        logits = self(x)
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits))
        self.loss_avg.update_state(loss)
        self.acc.update_state(y, logits)
        return {m.name: m.result() for m in self.metrics}


def main():
    keras.utils.set_random_seed(55)
    X, y = make_circles(n_samples=2000, noise=0.1, factor=0.5, random_state=1)
    X = (X / X.std()).astype("float32")
    y = y.astype("float32")[:, None]
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, random_state=1)
    model = Classifier(hidden=16)
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    h = model.fit(X_tr, y_tr, batch_size=64, epochs=25, validation_data=(X_va, y_va), verbose=2)
    print("best/last val acc:", max(h.history["val_acc"]), round(float(h.history["val_acc"][-1]), 3))


main()
