# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from sklearn.datasets import make_friedman2
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(10)
X, y = make_friedman2(n_samples=1600, noise=60.0, random_state=10)
X_tr, X_te, y_tr, y_te = train_test_split(X, y[:, None], test_size=0.25, random_state=10)
xs, ys = StandardScaler().fit(X_tr), StandardScaler().fit(y_tr)

model = keras.Sequential(
    [keras.Input((4,)), keras.layers.Dense(32, activation="swish"), keras.layers.Dense(32, activation="swish"), keras.layers.Dense(1)]
)
optimizer = keras.optimizers.Adam(
    learning_rate=4e-3, gradient_accumulation_steps=4, use_ema=True, ema_momentum=0.98, ema_overwrite_frequency=None
)
model.compile(optimizer=optimizer, loss="mse")
model.fit(
    xs.transform(X_tr),
    ys.transform(y_tr),
    batch_size=8,
    epochs=20,
    validation_data=(xs.transform(X_te), ys.transform(y_te)),
    callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=True)],
    verbose=2,
)
optimizer.finalize_variable_values(model.trainable_variables)
pred = ys.inverse_transform(model.predict(xs.transform(X_te), verbose=0))
print("R2 %.3f" % (1 - np.mean((pred - y_te) ** 2) / np.var(y_te)))
