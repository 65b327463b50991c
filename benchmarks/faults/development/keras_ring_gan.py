# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
import torch
from keras import layers

keras.utils.set_random_seed(0)
LATENT = 4


def real_points(n, rng):
    a = rng.uniform(0, 2 * np.pi, n)
    r = 1.0 + 0.05 * rng.normal(size=n)
    return np.stack([r * np.cos(a), r * np.sin(a)], 1).astype("float32")


class GAN(keras.Model):
    def __init__(self, gen, disc):
        super().__init__()
        self.gen, self.disc = gen, disc
        self.built = True
        self.d_loss = keras.metrics.Mean(name="d_loss")
        self.g_loss = keras.metrics.Mean(name="g_loss")

    def compile(self, d_opt, g_opt, loss_fn):
        super().compile()
        self.d_opt, self.g_opt, self.loss_fn = d_opt, g_opt, loss_fn

    @property
    def metrics(self):
        return [self.d_loss, self.g_loss]

    def _update(self, loss, net, opt):
        self.zero_grad()
        loss.backward()
        weights = net.trainable_weights
        with torch.no_grad():
            opt.apply([w.value.grad for w in weights], weights)

    def train_step(self, real):
        if isinstance(real, tuple):
            real = real[0]
        n = real.shape[0]
        fake = self.gen(keras.random.normal((n, LATENT)), training=True).detach()
        pred = self.disc(torch.cat([real, fake]), training=True)
        target = torch.cat([0.9 * torch.ones(n, 1), torch.zeros(n, 1)])
        d_loss = self.loss_fn(target, pred)
        self._update(d_loss, self.disc, self.d_opt)

        pred = self.disc(self.gen(keras.random.normal((n, LATENT)), training=True), training=True)
        g_loss = self.loss_fn(torch.ones(n, 1), pred)
        self._update(g_loss, self.gen, self.g_opt)
        self.d_loss.update_state(d_loss)
        self.g_loss.update_state(g_loss)
        return {m.name: m.result() for m in self.metrics}


gen = keras.Sequential([keras.Input((LATENT,)), layers.Dense(32, activation="relu"), layers.Dense(32, activation="relu"), layers.Dense(2)])
disc = keras.Sequential([keras.Input((2,)), layers.Dense(32), layers.LeakyReLU(0.2), layers.Dense(32), layers.LeakyReLU(0.2), layers.Dense(1)])
gan = GAN(gen, disc)
gan.compile(keras.optimizers.Adam(2e-3, beta_1=0.5), keras.optimizers.Adam(2e-3, beta_1=0.5), keras.losses.BinaryCrossentropy(from_logits=True))
rng = np.random.default_rng(0)
gan.fit(real_points(2048, rng), batch_size=64, epochs=32, verbose=2)
pts = gen.predict(rng.normal(size=(1000, LATENT)).astype("float32"), verbose=0)
rad = np.linalg.norm(pts, axis=1)
octants = np.histogram(np.arctan2(pts[:, 1], pts[:, 0]), bins=8, range=(-np.pi, np.pi))[0] / 1000
print("radius mean %.3f std %.3f" % (rad.mean(), rad.std()), "octants", octants)
