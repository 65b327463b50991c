# healthy
"""Cyclic rate, one weight snapshot per cycle, the average of the snapshots is kept."""
import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
from keras import layers
from sklearn.datasets import make_friedman2
from sklearn.model_selection import train_test_split

CYCLE, EPOCHS, HIGH, LOW = 5, 30, 0.03, 0.001


class SnapshotAverage(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.mean, self.count = None, 0

    def on_epoch_begin(self, epoch, logs=None):
        phase = (epoch % CYCLE) / (CYCLE - 1)
        self.model.optimizer.learning_rate = HIGH + (LOW - HIGH) * phase

    def on_epoch_end(self, epoch, logs=None):
        if epoch >= 9 and (epoch + 1) % CYCLE == 0:
            now = self.model.get_weights()
            self.count += 1
            if self.mean is None:
                self.mean = now
            else:
                self.mean = [m + (w - m) / self.count for m, w in zip(self.mean, now)]

    def on_train_end(self, logs=None):
        self.model.set_weights(self.mean)


keras.utils.set_random_seed(70)
X, y = make_friedman2(2400, noise=60.0, random_state=70)
Xt, Xv, yt, yv = train_test_split(X.astype("float32"), y.astype("float32"), test_size=0.25, random_state=70)
mx, sx, my, sy = Xt.mean(0), Xt.std(0), yt.mean(), yt.std()
Xt, Xv, yt, yv = (Xt - mx) / sx, (Xv - mx) / sx, (yt - my) / sy, (yv - my) / sy

model = keras.Sequential([
    keras.Input((4,)),
    layers.Dense(48, activation="gelu"),
    layers.Dense(48, activation="gelu"),
    layers.Dense(1),
])
model.compile(keras.optimizers.SGD(HIGH, momentum=0.9), loss=keras.losses.Huber(delta=2.0),
              metrics=[keras.metrics.R2Score(name="r2")])
h = model.fit(Xt, yt[:, None], validation_data=(Xv, yv[:, None]), epochs=EPOCHS, batch_size=32,
              callbacks=[SnapshotAverage()], verbose=0).history
print("val R2 at the end of each cycle:", np.round(h["val_r2"][CYCLE - 1::CYCLE], 3))
print("averaged weights:", model.evaluate(Xv, yv[:, None], verbose=0, return_dict=True))
