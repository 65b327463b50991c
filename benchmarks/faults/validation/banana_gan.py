# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import torch
import keras
from keras import layers, ops

keras.utils.set_random_seed(1)
LATENT = 8


def real_points(n, rng):
    a = rng.normal(size=n)
    b = 0.6 * (a ** 2 - 1) + 0.3 * rng.normal(size=n)
    return np.stack([a, b], 1).astype("float32")


def make_generator():
    return keras.Sequential([
        keras.Input((LATENT,)),
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(2),
    ], name="generator")


def make_discriminator():
    return keras.Sequential([
        keras.Input((2,)),
        layers.Dense(64),
        layers.LeakyReLU(0.2),
        layers.Dense(64),
        layers.LeakyReLU(0.2),
        layers.Dense(1),
    ], name="discriminator")


class GAN(keras.Model):
    def __init__(self, generator, discriminator):
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
        self.g_loss_tracker = keras.metrics.Mean(name="g_loss")
        self.built = True

    @property
    def metrics(self):
        return [self.d_loss_tracker, self.g_loss_tracker]

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = loss_fn

    def call(self, z):
        return self.generator(z)

    def train_step(self, real):
        if isinstance(real, tuple):
            real = real[0]
        n = ops.shape(real)[0]

        z = keras.random.normal((n, LATENT))
        fake = self.generator(z).detach()
        self.zero_grad()
        logits = self.discriminator(ops.concatenate([real, fake], 0))
        labels = ops.concatenate([0.9 * ops.ones((n, 1)), ops.zeros((n, 1))], 0)
        d_loss = self.loss_fn(labels, logits)
        d_loss.backward()
        d_weights = list(self.discriminator.trainable_weights)
        with torch.no_grad():
            self.d_optimizer.apply([w.value.grad for w in d_weights], d_weights)

        self.zero_grad()
        z = keras.random.normal((n, LATENT))
        g_loss = self.loss_fn(ops.ones((n, 1)), self.discriminator(self.generator(z)))
        g_loss.backward()
        g_weights = list(self.generator.trainable_weights)
        with torch.no_grad():
            self.g_optimizer.apply([w.value.grad for w in g_weights], g_weights)

        self.d_loss_tracker.update_state(d_loss)
        self.g_loss_tracker.update_state(g_loss)
        return {m.name: m.result() for m in self.metrics}


rng = np.random.default_rng(1)
data = real_points(2048, rng)
gan = GAN(make_generator(), make_discriminator())
gan.compile(
    d_optimizer=keras.optimizers.Adam(5e-4, beta_1=0.5),
    g_optimizer=keras.optimizers.Adam(5e-4, beta_1=0.5),
    loss_fn=keras.losses.BinaryCrossentropy(from_logits=True),
)
gan.fit(data, epochs=32, batch_size=64, verbose=2)

pts = ops.convert_to_numpy(gan.generator(keras.random.normal((1000, LATENT))))
ref = real_points(1000, rng)
print("mean real", ref.mean(0).round(2), "generated", pts.mean(0).round(2))
print("std  real", ref.std(0).round(2), "generated", pts.std(0).round(2))
print("curvature real %.2f generated %.2f" % (
    np.polyfit(ref[:, 0], ref[:, 1], 2)[0], np.polyfit(pts[:, 0], pts[:, 1], 2)[0]))
