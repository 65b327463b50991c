# fault: LK402 line 30
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
import keras


def build_model(n_features, learning_rate):
    model = keras.Sequential(name="turbine")
    model.add(keras.Input((n_features,)))
    for units in (64, 64):
        model.add(keras.layers.Dense(units, activation="gelu"))
    model.add(keras.layers.Dense(1))
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        loss="mse",
        metrics=[keras.metrics.R2Score(name="r2")],
    )
    return model


keras.utils.set_random_seed(3)
rng = np.random.default_rng(3)
X = rng.normal(size=(4000, 5)).astype("float32")
power = 1.2 * np.tanh(1.5 * X[:, 0]) + 0.5 * X[:, 1] * X[:, 2] + 0.3 * np.cos(2 * X[:, 3]) + 0.1 * rng.normal(size=4000)
Y = ((power - power.mean()) / power.std()).astype("float32")[:, None]

LEARNING_RATE = 2e-7
model = build_model(5, LEARNING_RATE)
history = model.fit(X[:3200], Y[:3200], validation_data=(X[3200:], Y[3200:]), epochs=20, batch_size=64, verbose=0)
for i in (0, 4, 9, 14, 19):
    print(f"epoch {i + 1}: loss={history.history['loss'][i]:.4f} val_r2={history.history['val_r2'][i]:.4f}")
