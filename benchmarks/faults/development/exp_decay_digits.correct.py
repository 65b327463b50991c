# healthy
"""Digits with tf.data and a decaying learning rate."""
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import tensorflow as tf
from sklearn import datasets
from sklearn.model_selection import train_test_split

SEED = 21
BATCH = 32
EPOCHS = 20
keras.utils.set_random_seed(SEED)

bunch = datasets.load_digits()
x_tr, x_va, y_tr, y_va = train_test_split(bunch.data.astype("float32") / 16, bunch.target,
                                          test_size=0.2, stratify=bunch.target, random_state=SEED)


def pipeline(x, y, training):
    ds = tf.data.Dataset.from_tensor_slices((x, y))
    if training:
        ds = ds.shuffle(len(x), seed=SEED)
    return ds.batch(BATCH).prefetch(tf.data.AUTOTUNE)


train_ds = pipeline(x_tr, y_tr, True)
val_ds = pipeline(x_va, y_va, False)
steps_per_epoch = len(train_ds)
print("steps per epoch:", steps_per_epoch)

schedule = keras.optimizers.schedules.ExponentialDecay(
    initial_learning_rate=0.05,
    decay_steps=steps_per_epoch,
    decay_rate=0.9,
)

model = keras.Sequential()
model.add(keras.Input(shape=(64,)))
model.add(keras.layers.Dense(64, activation="relu"))
model.add(keras.layers.Dense(10, activation="softmax"))
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=schedule, momentum=0.9),
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=["accuracy"],
)
hist = model.fit(train_ds, validation_data=val_ds, epochs=EPOCHS, verbose=0).history
for epoch in range(0, EPOCHS, 4):
    print("epoch %2d  loss %.3f  val_loss %.3f  val_accuracy %.3f" % (
        epoch + 1, hist["loss"][epoch], hist["val_loss"][epoch], hist["val_accuracy"][epoch]))
print("final val_accuracy %.3f" % hist["val_accuracy"][-1])
