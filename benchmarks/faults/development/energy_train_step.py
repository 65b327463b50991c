# fault: LK106 line 39, 52
"""Energy use from weather, with our own training step."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.metrics import r2_score

BATCH = 64
EPOCHS = 20


def weather(n, rng):
    x = rng.normal(size=(n, 6)).astype("float32")
    y = 1.2 * x[:, 0] - 0.8 * x[:, 1] * x[:, 2] + np.sin(2 * x[:, 3]) + 0.1 * rng.normal(size=n)
    return x, y.astype("float32")


class EnergyModel(keras.Model):
    def __init__(self, units=64):
        super().__init__()
        self.body = keras.Sequential(
            [layers.Dense(units, activation="relu"), layers.Dense(units, activation="relu")]
        )
        self.out = layers.Dense(1)
        self.loss_tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def call(self, x, training=False):
        return self.out(self.body(x))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = tf.reduce_mean(tf.square(y - y_pred))
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}


keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)
x_train, y_train = weather(2000, rng)
x_test, y_test = weather(500, rng)
mu, sd = y_train.mean(), y_train.std()

train_ds = tf.data.Dataset.from_tensor_slices((x_train, (y_train - mu) / sd))
train_ds = train_ds.shuffle(2000, seed=1).batch(BATCH).prefetch(2)

model = EnergyModel()
model.compile(optimizer=keras.optimizers.Adam(2e-3))
hist = model.fit(train_ds, epochs=EPOCHS, verbose=0)
print("loss per epoch", np.round(hist.history["loss"], 3))
pred = model.predict(x_test, verbose=0)[:, 0] * sd + mu
print("test R2 %.3f" % r2_score(y_test, pred))
