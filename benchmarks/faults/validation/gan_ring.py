# healthy
"""GAN on a noisy ring, Keras custom train_step (tensorflow backend)."""
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import tensorflow as tf
import keras
from keras import layers
from scipy.stats import wasserstein_distance

LATENT = 4


def ring(n, seed):
    rng = np.random.default_rng(seed)
    a = rng.uniform(0, 2 * np.pi, n)
    r = 1 + 0.08 * rng.normal(size=n)
    return np.stack([r * np.cos(a), r * np.sin(a)], 1).astype("float32")


def mlp(n_in, n_out, name):
    return keras.Sequential([
        keras.Input((n_in,)),
        layers.Dense(64),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Dense(64),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Dense(n_out),
    ], name=name)


class GAN(keras.Model):
    def __init__(self):
        super().__init__()
        self.gen = mlp(LATENT, 2, "gen")
        self.disc = mlp(2, 1, "disc")
        self.d_tracker = keras.metrics.Mean(name="d_loss")
        self.g_tracker = keras.metrics.Mean(name="g_loss")

    @property
    def metrics(self):
        return [self.d_tracker, self.g_tracker]

    def compile(self, d_opt, g_opt):
        super().compile()
        self.d_opt, self.g_opt = d_opt, g_opt
        self.bce = keras.losses.BinaryCrossentropy(from_logits=True)

    def call(self, z):
        return self.gen(z)

    def train_step(self, real):
        n = tf.shape(real)[0]
        z = tf.random.normal((n, LATENT))
        with tf.GradientTape() as tape:
            real_logit = self.disc(real, training=True)
            fake_logit = self.disc(self.gen(z, training=True), training=True)
            d_loss = 0.5 * (self.bce(tf.ones_like(real_logit), real_logit)
                            + self.bce(tf.zeros_like(fake_logit), fake_logit))
        grads = tape.gradient(d_loss, self.disc.trainable_weights)
        self.d_opt.apply(grads, self.disc.trainable_weights)

        z = tf.random.normal((n, LATENT))
        with tf.GradientTape() as tape:
            fake_logit = self.disc(self.gen(z, training=True), training=True)
            g_loss = self.bce(tf.ones_like(fake_logit), fake_logit)
        grads = tape.gradient(g_loss, self.gen.trainable_weights)
        self.g_opt.apply(grads, self.gen.trainable_weights)

        self.d_tracker.update_state(d_loss)
        self.g_tracker.update_state(g_loss)
        return {m.name: m.result() for m in self.metrics}


keras.utils.set_random_seed(5)
data = ring(2560, 5)
gan = GAN()
gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.Adam(1e-3, beta_1=0.5))
gan.fit(tf.data.Dataset.from_tensor_slices(data).shuffle(2560, seed=5).batch(128, drop_remainder=True),
        epochs=60, verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(
            on_epoch_end=lambda e, logs: print(e + 1, {k: round(float(v), 3) for k, v in logs.items()})
            if (e + 1) % 6 == 0 else None)])

fake = gan.gen(np.random.default_rng(0).normal(size=(1000, LATENT)).astype("float32")).numpy()
test = ring(1000, 99)
print("radius mean/std  fake %.3f/%.3f  real %.3f/%.3f" % (
    np.linalg.norm(fake, axis=1).mean(), np.linalg.norm(fake, axis=1).std(),
    np.linalg.norm(test, axis=1).mean(), np.linalg.norm(test, axis=1).std()))
for axis in (0, 1):
    print("wasserstein axis %d: %.4f" % (axis, wasserstein_distance(fake[:, axis], test[:, axis])))
