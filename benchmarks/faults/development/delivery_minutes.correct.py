# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import keras
from sklearn.metrics import r2_score

keras.utils.set_random_seed(31)
rng = np.random.default_rng(31)


def simulate(n):
    dist = rng.gamma(3.0, 1.5, n)
    rain = rng.random(n)
    load = rng.normal(size=n)
    hour = rng.uniform(0, 24, n)
    minutes = 8 + 3 * dist + 6 * rain * dist / 4 + 3 * load + 5 * np.cos((hour - 18) / 24 * 2 * np.pi)
    minutes += rng.normal(0, 2.0, n)
    feats = np.stack([(dist - 4.5) / 2.6, (rain - 0.5) / 0.29, load,
                      np.sin(hour / 24 * 2 * np.pi), np.cos(hour / 24 * 2 * np.pi)], axis=1)
    return feats.astype("float32"), minutes.astype("float32")


x_train, m_train = simulate(3000)
x_test, m_test = simulate(800)
mu, sigma = m_train.mean(), m_train.std()
y_train, y_test = (m_train - mu) / sigma, (m_test - mu) / sigma

inputs = keras.Input((5,))
h = keras.layers.Dense(48, activation="relu")(inputs)
h = keras.layers.Dense(48, activation="relu")(h)
outputs = keras.layers.Dense(1)(h)
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=2e-3),
    loss="mse",
    metrics=["mae"],
)
hist = model.fit(x_train, y_train, epochs=15, batch_size=64, validation_split=0.1, verbose=0)
for e in range(0, 15, 3):
    print(e, {k: round(v[e], 4) for k, v in hist.history.items()})
pred = model.predict(x_test, verbose=0).ravel() * sigma + mu
print("R2:", round(r2_score(m_test, pred), 4))
