# fault: LK506 line 16
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(99)
rng = np.random.default_rng(99)

x = rng.uniform(-100, 100, size=(3000, 1))
y = x**4
split = 2400
x_in = (x / 100).astype("float32")
y_out = y.astype("float32")

model = keras.Sequential(
    [
        keras.Input((1,)),
        layers.Dense(40, activation="elu"),
        layers.Dense(40, activation="elu"),
        layers.Dense(1),
    ]
)
model.compile(loss="mse", optimizer=keras.optimizers.Adam(0.005))
model.fit(x_in[:split], y_out[:split], batch_size=50, epochs=40, validation_data=(x_in[split:], y_out[split:]), verbose=2)

pred = model.predict(x_in[split:], verbose=0)
truth = y[split:]
r2 = 1 - np.sum((truth - pred) ** 2) / np.sum((truth - truth.mean()) ** 2)
print("R2 on new points: %.4f" % r2)
