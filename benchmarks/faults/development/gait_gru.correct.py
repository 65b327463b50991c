# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from keras.layers import GRU, Dense, Input
from keras.models import Model

keras.utils.set_random_seed(5)
SEQ, CH, KINDS = 24, 3, 4
LEARNING_RATE = 0.005
EPOCHS = 14


def simulate(n, seed):
    """accelerometer windows: walk, run, stairs, cycling"""
    r = np.random.default_rng(seed)
    kind = r.integers(0, KINDS, n)
    freq = np.array([1.0, 2.2, 1.4, 3.1])[kind] + r.normal(0, 0.1, n)
    tilt = np.array([0.0, 0.2, 0.7, -0.5])[kind]
    t = np.linspace(0, 2, SEQ)
    phase = r.uniform(0, 2 * np.pi, n)
    base = np.sin(2 * np.pi * freq[:, None] * t + phase[:, None])
    other = np.cos(2 * np.pi * freq[:, None] * t + phase[:, None]) + tilt[:, None]
    third = 0.5 * base * other
    w = np.stack([base, other, third], -1) + r.normal(0, 0.35, (n, SEQ, CH))
    return w.astype("float32"), kind


X_train, y_train = simulate(1000, 0)
X_val, y_val = simulate(400, 1)
mean, std = X_train.mean((0, 1)), X_train.std((0, 1))
X_train = (X_train - mean) / std
X_val = (X_val - mean) / std

inputs = Input((SEQ, CH))
x = GRU(24)(inputs)
x = Dense(24, activation="relu")(x)
outputs = Dense(KINDS, activation="softmax")(x)
net = Model(inputs, outputs)

net.compile(optimizer=keras.optimizers.Adam(learning_rate=LEARNING_RATE),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"])
history = net.fit(X_train, y_train, validation_data=(X_val, y_val),
                  epochs=EPOCHS, batch_size=50, verbose=2)

p = net.predict(X_val, verbose=0).argmax(1)
print("predicted class counts:", np.bincount(p, minlength=KINDS))
print("val accuracy:", (p == y_val).mean())
