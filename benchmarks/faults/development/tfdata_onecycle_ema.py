# healthy
"""One-cycle rate, averaged weights, accumulated gradients and label smoothing together."""
import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

EPOCHS, BATCH = 14, 16
keras.utils.set_random_seed(33)


class OneCycle(keras.callbacks.Callback):
    def __init__(self, peak, total):
        super().__init__()
        self.peak, self.total, self.step = peak, total, 0

    def on_train_batch_begin(self, batch, logs=None):
        at = self.step / self.total
        if at < 0.3:
            rate = self.peak * (0.05 + 0.95 * at / 0.3)
        else:
            rate = self.peak * 0.5 * (1 + np.cos(np.pi * (at - 0.3) / 0.7)) + 1e-6
        self.model.optimizer.learning_rate = float(rate)
        self.step += 1


digits = load_digits()
images = digits.images.astype("float32")[..., None] / 16
onehot = keras.utils.to_categorical(digits.target, 10)
x_tr, x_te, t_tr, t_te = train_test_split(images, onehot, test_size=0.25, random_state=5)
steps = len(x_tr) // BATCH


def jitter(image, label):
    image = tf.pad(image, [[1, 1], [1, 1], [0, 0]])
    return tf.image.random_crop(image, [8, 8, 1], seed=5), label


train = (tf.data.Dataset.from_tensor_slices((x_tr, t_tr)).shuffle(2000, seed=5).repeat()
         .map(jitter).batch(BATCH).prefetch(2))
test = tf.data.Dataset.from_tensor_slices((x_te, t_te)).batch(150)

model = keras.Sequential([
    keras.Input((8, 8, 1)),
    keras.layers.Conv2D(24, 3, padding="same", activation="relu"),
    keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
    keras.layers.MaxPooling2D(),
    keras.layers.Flatten(),
    keras.layers.Dropout(0.3),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(
    optimizer=keras.optimizers.Adam(1e-3, gradient_accumulation_steps=2, clipnorm=1.0,
                                    use_ema=True, ema_momentum=0.98, ema_overwrite_frequency=None),
    loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
    metrics=["accuracy"],
)
model.fit(train, steps_per_epoch=steps, epochs=EPOCHS, verbose=2,
          callbacks=[OneCycle(5e-3, steps * EPOCHS)])
model.optimizer.finalize_variable_values(model.trainable_variables)
loss, accuracy = model.evaluate(test, verbose=0)
print(f"averaged weights: test loss {loss:.3f} accuracy {accuracy:.3f}")
