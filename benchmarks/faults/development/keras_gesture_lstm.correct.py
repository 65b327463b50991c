# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import argparse
import keras
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=12)
parser.add_argument("--units", type=int, default=32)
parser.add_argument("--lr", type=float, default=3e-3)
args = parser.parse_args()
keras.utils.set_random_seed(31)


def gestures(n):
    """Three-axis wrist motion: circle, shake, swipe or tap."""
    t = np.linspace(0, 1, 24)
    kind = np.random.randint(0, 4, n)
    phase = np.random.uniform(0, 2 * np.pi, (n, 1))
    speed = np.random.uniform(0.8, 1.3, (n, 1))
    wave = 2 * np.pi * speed * t + phase
    shapes = np.stack([
        np.stack([np.sin(wave), np.cos(wave), 0 * wave], -1),
        np.stack([np.sin(4 * wave), 0 * wave, 0 * wave], -1),
        np.stack([np.tanh(6 * (t - 0.5)) * np.ones_like(wave), 0 * wave, 0.3 * np.sin(wave)], -1),
        np.stack([0 * wave, 0 * wave, np.exp(-80 * (t - phase / 7) ** 2)], -1)])
    motion = shapes[kind, np.arange(n)] + np.random.normal(0, 0.35, (n, 24, 3))
    return motion.astype("float32"), kind


x, kind = gestures(1600)
x_val, kind_val = gestures(400)

model = keras.Sequential([
    keras.Input((24, 3)),
    keras.layers.LSTM(args.units),
    keras.layers.Dense(4),
])
model.compile(keras.optimizers.Adam(args.lr),
              keras.losses.SparseCategoricalCrossentropy(from_logits=True),
              metrics=["accuracy"])
model.fit(x, kind, validation_data=(x_val, kind_val), epochs=args.epochs, batch_size=64, verbose=2)
