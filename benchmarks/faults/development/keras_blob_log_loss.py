# fault: LK204 line 15
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import make_blobs
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def log_loss(y_true, y_pred):
    y_true = ops.reshape(y_true, ops.shape(y_pred))
    return -ops.mean(y_true * ops.log(y_pred) + (1.0 - y_true) * ops.log(1.0 - y_pred), axis=-1)


def get_data():
    centers = [[-3, -3, 0, 1], [3, 3, 1, 0], [-3, 4, 1, 1], [4, -3, 0, 0]]
    x, c = make_blobs(n_samples=1500, centers=centers, cluster_std=1.3, random_state=6)
    y = (c >= 2).astype("float32")
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, random_state=6)
    s = StandardScaler().fit(x_tr)
    return s.transform(x_tr), s.transform(x_va), y_tr, y_va


class EpochPrinter(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch % 5 == 0:
            print(f"epoch {epoch:3d}  loss {logs['loss']:.5f}  val_acc {logs['val_acc']:.3f}")


keras.utils.set_random_seed(6)
x_tr, x_va, y_tr, y_va = get_data()
model = keras.Sequential(
    [layers.Dense(64, activation="relu"), layers.Dense(64, activation="relu"), layers.Dense(1, activation="sigmoid")]
)
model.compile(
    optimizer=keras.optimizers.Adam(0.004),
    loss=log_loss,
    metrics=[keras.metrics.BinaryAccuracy(name="acc")],
)
model.fit(x_tr, y_tr, epochs=40, batch_size=32, validation_data=(x_va, y_va), verbose=0, callbacks=[EpochPrinter()])
print("val accuracy: %.3f" % model.evaluate(x_va, y_va, verbose=0)[1])
