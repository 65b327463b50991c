# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(16)
rng = np.random.default_rng(16)
U, I, N, K = 300, 200, 16000, 4
pu, qi = rng.normal(size=(U, K)) * 0.6, rng.normal(size=(I, K)) * 0.6
bu, bi = 0.4 * rng.normal(size=U), 0.4 * rng.normal(size=I)
u, i = rng.integers(0, U, N), np.minimum(rng.zipf(1.3, N) - 1, I - 1)
r = np.sum(pu[u] * qi[i], 1) + bu[u] + bi[i] + 0.5 * rng.normal(size=N)
r = r.astype("float32")

user, item = keras.Input((), dtype="int32"), keras.Input((), dtype="int32")
reg = keras.regularizers.L2(1e-6)
vu = layers.Embedding(U, 8, embeddings_regularizer=reg)(user)
vi = layers.Embedding(I, 8, embeddings_regularizer=reg)(item)
b_u, b_i = layers.Embedding(U, 1)(user), layers.Embedding(I, 1)(item)
score = layers.Add()([layers.Dot(axes=1)([vu, vi]), b_u, b_i])
model = keras.Model([user, item], score)
model.compile(keras.optimizers.Adam(5e-3), loss="mse", metrics=["mae"])
cut = 13000
model.fit([u[:cut], i[:cut]], r[:cut], batch_size=128, epochs=8, validation_data=([u[cut:], i[cut:]], r[cut:]), verbose=2)
p = model.predict([u[cut:], i[cut:]], verbose=0)[:, 0]
print("R2 %.3f" % (1 - np.mean((p - r[cut:]) ** 2) / np.var(r[cut:])))
