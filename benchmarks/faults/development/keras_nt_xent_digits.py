# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
import torch
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

keras.utils.set_random_seed(7)
rng = np.random.default_rng(7)
d = load_digits()
x, y = (d.data / 16.0).astype("float32"), d.target
N_TR = 1400


def augment(b):
    b = b * (rng.random(b.shape) > 0.1)
    return (b + 0.1 * rng.normal(size=b.shape)).astype("float32")


encoder = keras.Sequential([keras.Input((64,)), layers.Dense(96, activation="relu"), layers.Dense(48, activation="relu")])
projector = keras.Sequential([keras.Input((48,)), layers.Dense(24)])
opt = keras.optimizers.AdamW(2e-3, weight_decay=1e-4)
weights = encoder.trainable_weights + projector.trainable_weights
opt.build(weights)

for epoch in range(60):
    order, losses = rng.permutation(N_TR), []
    for i in range(0, N_TR - 127, 128):
        b = x[order[i : i + 128]]
        z = [ops.normalize(projector(encoder(augment(b), training=True)), axis=1) for _ in range(2)]
        logits = ops.matmul(z[0], ops.transpose(z[1])) / 0.2
        target = ops.arange(128)
        loss = ops.mean(
            keras.losses.sparse_categorical_crossentropy(target, logits, from_logits=True)
            + keras.losses.sparse_categorical_crossentropy(target, ops.transpose(logits), from_logits=True)
        ) / 2
        encoder.zero_grad()
        projector.zero_grad()
        loss.backward()
        with torch.no_grad():
            opt.apply([w.value.grad for w in weights], weights)
        losses.append(float(loss.detach()))
    if epoch % 10 == 0:
        print("epoch", epoch, "nt-xent %.3f" % np.mean(losses))

f = encoder.predict(x, verbose=0)
probe = LogisticRegression(max_iter=2000).fit(f[:N_TR], y[:N_TR])
print("probe accuracy %.3f" % probe.score(f[N_TR:], y[N_TR:]))
