# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(12)


class ClippedModel(keras.Model):
    """Functional model with its own step: clips the global gradient norm and logs it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.norm_tracker = keras.metrics.Mean(name="grad_norm")

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
        grads = tape.gradient(loss, self.trainable_variables)
        grads, norm = tf.clip_by_global_norm(grads, 5.0)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        self.norm_tracker.update_state(norm)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            elif metric is not self.norm_tracker:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


def dense_block(x, units):
    x = layers.Dense(units, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.Activation("sigmoid")(x)


def build():
    inputs = keras.Input((64,))
    x = inputs
    for units in (64, 64, 48, 48, 32):
        x = dense_block(x, units)
    return ClippedModel(inputs, layers.Dense(10)(x))


x, y = load_digits(return_X_y=True)
x = ((x - 8.0) / 8.0).astype("float32")
x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.2, random_state=12, stratify=y)
train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(1500, seed=12).batch(64).prefetch(2)
val = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(256)

model = build()
model.compile(
    optimizer=keras.optimizers.Adam(3e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(train, validation_data=val, epochs=15, verbose=0)
for name, values in history.history.items():
    print(f"{name:>14}", " ".join(f"{v:.3f}" for v in values[::3]), f"| last {values[-1]:.3f}")
