# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

keras.utils.set_random_seed(9)
rng = np.random.default_rng(9)
x = rng.uniform(-3, 3, size=(4000, 1)).astype("float32")
sigma = 0.05 + 0.12 * (1 + np.tanh(x))
y = (0.3 * np.sin(1.5 * x) + sigma * rng.normal(size=x.shape)).astype("float32")
train = tf.data.Dataset.from_tensor_slices((x[:3200], y[:3200])).shuffle(3200, seed=9).batch(64)
val = tf.data.Dataset.from_tensor_slices((x[3200:], y[3200:])).batch(400)


def gaussian_nll(y_true, y_pred):
    mean, log_sigma = y_pred[:, :1], ops.clip(y_pred[:, 1:], -6.0, 3.0)
    z = (y_true - mean) * ops.exp(-log_sigma)
    return ops.mean(0.5 * ops.square(z) + log_sigma, axis=-1)


inputs = keras.Input((1,))
h = layers.Dense(32, activation="tanh")(inputs / 3.0 * 1.7)
h = layers.Dense(32, activation="tanh")(h)
model = keras.Model(inputs, layers.Dense(2)(h))
schedule = keras.optimizers.schedules.CosineDecay(5e-3, 20 * 50, alpha=0.02)
model.compile(keras.optimizers.Adam(schedule), loss=gaussian_nll)
history = model.fit(train, validation_data=val, epochs=20, verbose=0)
print("val nll", np.round(history.history["val_loss"], 3))

out = model.predict(x[3200:], verbose=0)
mean, spread = out[:, 0], np.exp(out[:, 1])
truth = y[3200:, 0]
r2 = 1 - ((truth - mean) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
inside = np.abs(truth - mean) < 1.64 * spread
print(f"R2 {r2:.3f} (noise-limited), 90% interval covers {inside.mean():.3f}")
print("corr(sigma, predicted)", np.corrcoef(sigma[3200:, 0], spread)[0, 1].round(3))
