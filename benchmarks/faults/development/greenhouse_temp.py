# fault: LK105 line 19
import os

os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import keras
from keras import layers, ops
from sklearn.preprocessing import StandardScaler


class GreenhouseModel(keras.Model):
    """Predicts tomorrow's inside temperature from eight sensors."""

    def __init__(self):
        super().__init__()
        self.d1 = layers.Dense(64, activation="relu")
        self.d2 = layers.Dense(32, activation="relu")
        self.out = layers.Dense(1, activation="sigmoid")

    def call(self, x):
        return self.out(self.d2(self.d1(x)))


def sensors(n, seed):
    r = np.random.RandomState(seed)
    x = r.randn(n, 8)
    temp = 21 + 4 * x[:, 0] + 3 * np.tanh(x[:, 1] * x[:, 2]) - 2 * x[:, 3] + 1.5 * np.abs(x[:, 4]) + r.randn(n) * 0.7
    return x.astype("float32"), temp.reshape(-1, 1)


keras.utils.set_random_seed(64)
x_train, t_train = sensors(3000, 0)
x_val, t_val = sensors(700, 1)
scaler = StandardScaler()
y_train = scaler.fit_transform(t_train).astype("float32")
y_val = scaler.transform(t_val).astype("float32")

model = GreenhouseModel()
model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="mean_squared_error", metrics=[keras.metrics.R2Score()])
model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=12, batch_size=64, verbose=2)
back = scaler.inverse_transform(model.predict(x_val, verbose=0))
print("val RMSE in degrees:", float(np.sqrt(((back - t_val) ** 2).mean())))
