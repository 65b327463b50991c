# fault: LK305 line 49, 51
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import tensorflow as tf
import keras
from keras import layers

keras.utils.set_random_seed(8)
rng = np.random.default_rng(8)
BASES = "ACGT"
MOTIFS = ["TATAAA", "GGCCGG", "CAATTG"]
LENGTH = 40


def sample():
    seq = list(rng.choice(list(BASES), LENGTH))
    cls = int(rng.integers(0, len(MOTIFS)))
    at = int(rng.integers(0, LENGTH - 6))
    seq[at : at + 6] = MOTIFS[cls]
    return [BASES.index(c) for c in seq], cls


def dataset(n):
    s, c = zip(*(sample() for _ in range(n)))
    return np.array(s, dtype="int32"), np.array(c, dtype="int32")


class MotifNet(keras.Model):
    def __init__(self, n_classes):
        super().__init__()
        self.encoder = keras.Sequential([
            layers.Embedding(4, 8),
            layers.Conv1D(32, 6, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(16, activation="relu"),
        ], name="encoder")
        self.head = layers.Dense(n_classes, name="head")

    def call(self, x, training=False):
        return self.head(self.encoder(x, training=training))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            logits = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=logits)
        weights = self.head.trainable_variables
        grads = tape.gradient(loss, weights)
        self.optimizer.apply_gradients(zip(grads, weights))
        for m in self.metrics:
            if m.name == "loss":
                m.update_state(loss)
            else:
                m.update_state(y, logits)
        return {m.name: m.result() for m in self.metrics}


x_train, y_train = dataset(2400)
x_test, y_test = dataset(600)
model = MotifNet(len(MOTIFS))
model.compile(
    optimizer=keras.optimizers.Adam(3e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(x_train, y_train, epochs=12, batch_size=64, verbose=2)

pred = model.predict(x_test, verbose=0).argmax(1)
print("test accuracy %.3f" % (pred == y_test).mean())
