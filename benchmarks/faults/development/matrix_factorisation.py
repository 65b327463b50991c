# fault: LK306 line 29, 30
import os
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from keras import layers, ops

keras.utils.set_random_seed(17)
N_USERS, N_ITEMS, FACTORS = 150, 100, 4

# %% ratings: every user has seen about half of the items
rng = np.random.default_rng(17)
taste = rng.normal(0, 0.8, (N_USERS, 3))
trait = rng.normal(0, 0.8, (N_ITEMS, 3))
full = taste @ trait.T + rng.normal(0, 0.3, N_USERS)[:, None] + rng.normal(0, 0.3, N_ITEMS)[None]
full = full + rng.normal(0, 0.25, full.shape)
users, items = np.nonzero(rng.random(full.shape) < 0.6)
ratings = full[users, items].astype("float32")
order = rng.permutation(len(ratings))
users, items, ratings = users[order], items[order], ratings[order]
cut = int(0.85 * len(ratings))
print(len(ratings), "ratings, std", ratings.std().round(3))


# %% model
class Recommender(keras.Model):
    def __init__(self, n_users, n_items, factors):
        super().__init__()
        self.user_vec = layers.Embedding(n_users, factors, embeddings_initializer="zeros")
        self.item_vec = layers.Embedding(n_items, factors, embeddings_initializer="zeros")
        self.user_bias = layers.Embedding(n_users, 1)
        self.item_bias = layers.Embedding(n_items, 1)

    def call(self, inputs):
        user, item = inputs[:, 0], inputs[:, 1]
        dot = ops.sum(self.user_vec(user) * self.item_vec(item), axis=-1, keepdims=True)
        return dot + self.user_bias(user) + self.item_bias(item)


pairs = np.stack([users, items], axis=1).astype("int32")
model = Recommender(N_USERS, N_ITEMS, FACTORS)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mean_squared_error")
model.fit(
    pairs[:cut],
    ratings[:cut, None],
    validation_data=(pairs[cut:], ratings[cut:, None]),
    batch_size=128,
    epochs=20,
    verbose=2,
)

# %% check
pred = model.predict(pairs[cut:], batch_size=512, verbose=0)[:, 0]
truth = ratings[cut:]
print("RMSE", np.sqrt(np.mean((pred - truth) ** 2)).round(4))
print("R2  ", (1 - np.sum((pred - truth) ** 2) / np.sum((truth - truth.mean()) ** 2)).round(4))
