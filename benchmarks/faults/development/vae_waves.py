# healthy
"""Small variational autoencoder with a weighted KL term in its own train_step."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from sklearn.metrics import r2_score

LATENT = 3
BETA = 0.02


class VAE(keras.Model):
    def __init__(self, n):
        super().__init__()
        self.enc = keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(2 * LATENT)])
        self.dec = keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(n)])
        self.rng = keras.random.SeedGenerator(0)
        self.trackers = {k: keras.metrics.Mean(name=k) for k in ("loss", "recon", "kl")}

    @property
    def metrics(self):
        return list(self.trackers.values())

    def encode(self, x):
        return ops.split(self.enc(x), 2, axis=-1)

    def call(self, x):
        return self.dec(self.encode(x)[0])

    def losses_for(self, x):
        mean, log_var = self.encode(x)
        z = mean + ops.exp(0.5 * log_var) * keras.random.normal(ops.shape(mean), seed=self.rng)
        recon = ops.mean(ops.sum(ops.square(x - self.dec(z)), axis=-1))
        kl = -0.5 * ops.mean(ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=-1))
        return recon + BETA * kl, recon, kl

    def train_step(self, x):
        with tf.GradientTape() as tape:
            loss, recon, kl = self.losses_for(x)
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_weights), self.trainable_weights))
        for k, v in zip(("loss", "recon", "kl"), (loss, recon, kl)):
            self.trackers[k].update_state(v)
        return {k: t.result() for k, t in self.trackers.items()}


def waves(n, rng):
    t = np.linspace(0, 1, 24)
    amp, phase = rng.uniform(0.5, 1.5, (n, 1)), rng.uniform(0, np.pi, (n, 1))
    return (amp * np.sin(2 * np.pi * t + phase) + 0.05 * rng.normal(size=(n, 24))).astype("float32")


keras.utils.set_random_seed(3)
rng = np.random.default_rng(3)
train, val = waves(2000, rng), waves(400, rng)
vae = VAE(24)
vae.compile(optimizer=keras.optimizers.Adam(2e-3))
hist = vae.fit(train, epochs=25, batch_size=64, verbose=0)
for k in ("loss", "recon", "kl"):
    print(k, np.round(hist.history[k][::5], 3))
print("val reconstruction R2 %.3f" % r2_score(val, vae.predict(val, verbose=0)))
