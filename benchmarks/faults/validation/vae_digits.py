# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class Sampling(layers.Layer):
    """Reparameterised draw; also adds the KL term to the losses of the model."""

    def __init__(self, weight=1.0, **kw):
        super().__init__(**kw)
        self.weight = weight
        self.seeds = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        mean, log_var = inputs
        kl = -0.5 * ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=-1)
        self.add_loss(self.weight * ops.mean(kl))
        eps = keras.random.normal(ops.shape(mean), seed=self.seeds)
        return mean + ops.exp(0.5 * log_var) * eps


def reconstruction(y_true, y_pred):
    """Bernoulli log-likelihood, summed over the pixels of an image."""
    y_pred = ops.clip(y_pred, 1e-6, 1 - 1e-6)
    return -ops.sum(y_true * ops.log(y_pred) + (1 - y_true) * ops.log(1 - y_pred), axis=-1)


def build(latent=6):
    x = keras.Input((64,))
    h = layers.Dense(96, activation="relu")(x)
    mean = layers.Dense(latent, name="z_mean")(h)
    log_var = layers.Dense(latent, name="z_log_var")(h)
    z = Sampling(name="z")([mean, log_var])
    h = layers.Dense(96, activation="relu")(z)
    out = layers.Dense(64, activation="sigmoid", name="decoded")(h)
    return keras.Model(x, out), keras.Model(x, mean)


keras.utils.set_random_seed(1337)
images, labels = load_digits(return_X_y=True)
images = (images / 16.0).astype("float32")
x_train, x_test, l_train, l_test = train_test_split(images, labels, test_size=0.2, random_state=1)

vae, encoder = build()
vae.compile(optimizer=keras.optimizers.Adam(2e-3), loss=reconstruction)
hist = vae.fit(x_train, x_train, validation_data=(x_test, x_test), epochs=30, batch_size=64, verbose=0)
for e in range(0, 30, 3):
    print(f"epoch {e + 1:2d}  elbo loss {hist.history['loss'][e]:.3f}  val {hist.history['val_loss'][e]:.3f}")

recon = vae.predict(x_test, verbose=0)
mse = np.mean((recon - x_test) ** 2)
print(f"reconstruction R2: {1 - mse / np.mean((x_test - x_train.mean(0)) ** 2):.4f}")
from sklearn.neighbors import KNeighborsClassifier
knn = KNeighborsClassifier(5).fit(encoder.predict(x_train, verbose=0), l_train)
print(f"kNN on latent means: {knn.score(encoder.predict(x_test, verbose=0), l_test):.4f}")
