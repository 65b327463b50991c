# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

keras.utils.set_random_seed(6)
x = (load_digits().data / 16.0).astype("float32")
x_tr, x_te = x[:1500], x[1500:]


class Sampling(layers.Layer):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.seed_generator = keras.random.SeedGenerator(6)
        self.beta = self.add_weight(name="beta", shape=(), initializer="zeros", trainable=False)

    def call(self, inputs, training=False):
        mean, log_var = inputs
        kl = -0.5 * ops.mean(ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=1))
        self.add_loss(self.beta * kl)
        if not training:
            return mean
        eps = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_var) * eps


class WarmUp(keras.callbacks.Callback):
    def __init__(self, layer, epochs):
        super().__init__()
        self.layer, self.epochs = layer, epochs

    def on_epoch_begin(self, epoch, logs=None):
        self.layer.beta.assign(min(1.0, epoch / self.epochs))


inp = keras.Input((64,))
h = layers.Dense(64, activation="relu")(inp)
mean, log_var = layers.Dense(8)(h), layers.Dense(8)(h)
sampler = Sampling(name="z")
z = sampler([mean, log_var])
h = layers.Dense(64, activation="relu")(z)
vae = keras.Model(inp, layers.Dense(64, activation="sigmoid")(h))
vae.compile(
    optimizer=keras.optimizers.Adam(3e-3),
    loss=lambda t, p: ops.sum(keras.losses.binary_crossentropy(t[..., None], p[..., None]), axis=-1),
)
vae.fit(x_tr, x_tr, epochs=30, batch_size=64, verbose=2, callbacks=[WarmUp(sampler, 10)])
rec = vae.predict(x_te, verbose=0)
print("reconstruction R2 %.3f" % (1 - np.mean((rec - x_te) ** 2) / np.mean((x_te - x_tr.mean(0)) ** 2)))
