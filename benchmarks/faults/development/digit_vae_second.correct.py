# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"
import argparse
import numpy as np
import keras
from keras import layers, ops
from sklearn.datasets import load_digits


class Sampling(layers.Layer):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.seed_gen = keras.random.SeedGenerator(9)

    def call(self, stats):
        mean, log_var = stats
        eps = keras.random.normal(ops.shape(mean), seed=self.seed_gen)
        return mean + ops.exp(0.5 * log_var) * eps


class VAE(keras.Model):
    def __init__(self, dim, latent, beta):
        super().__init__()
        self.beta = beta
        self.trunk = layers.Dense(96, activation="relu")
        self.mean, self.log_var = layers.Dense(latent), layers.Dense(latent)
        self.sample = Sampling()
        self.dec = keras.Sequential([layers.Dense(96, activation="relu"), layers.Dense(dim)])

    def call(self, x, training=False):
        h = self.trunk(x)
        mean, log_var = self.mean(h), self.log_var(h)
        kl = -0.5 * ops.mean(ops.sum(1 + log_var - mean ** 2 - ops.exp(log_var), axis=-1))
        self.add_loss(self.beta * kl)
        return self.dec(self.sample((mean, log_var)) if training else mean)


def standardize(train, test):
    mu, sd = train.mean(axis=0), train.std(axis=0)
    sd[sd < 0.1] = 1.0
    return (train - mu) / sd, (test - mu) / sd


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--latent", type=int, default=12)
    ap.add_argument("--beta", type=float, default=0.002)
    ap.add_argument("--epochs", type=int, default=32)
    args = ap.parse_args()
    keras.utils.set_random_seed(0)

    X = load_digits().data.astype("float32")
    X = X[np.random.permutation(len(X))]
    x_train, x_test = standardize(X[:1400], X[1400:])

    vae = VAE(64, args.latent, args.beta)
    vae.compile(optimizer=keras.optimizers.Adam(3e-3), loss="mse")
    hist = vae.fit(x_train, x_train, epochs=args.epochs, batch_size=64,
                   validation_data=(x_test, x_test), verbose=0)
    for i in range(0, args.epochs, 4):
        print(i, hist.history["loss"][i], hist.history["val_loss"][i])
    rec = vae.predict(x_test, verbose=0)
    r2 = 1 - np.sum((rec - x_test) ** 2) / np.sum((x_test - x_test.mean(0)) ** 2)
    print("explained on test:", round(float(r2), 4))


if __name__ == "__main__":
    main()
