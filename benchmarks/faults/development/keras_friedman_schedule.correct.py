# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers
from sklearn.datasets import make_friedman1
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(5)

X, y = make_friedman1(n_samples=2500, n_features=10, noise=0.6, random_state=5)
X = (X * 2 - 1).astype("float32")
X_tr, X_te, y_tr, y_te = train_test_split(X, y.astype("float32"), test_size=0.2, random_state=5)
m, s = y_tr.mean(), y_tr.std()
BATCH, EPOCHS = 32, 40
steps_per_epoch = int(np.ceil(len(X_tr) / BATCH))

schedule = keras.optimizers.schedules.ExponentialDecay(
    initial_learning_rate=3e-3,
    decay_steps=5 * steps_per_epoch,
    decay_rate=0.6,
    staircase=True,
)

inputs = keras.Input(shape=(10,))
x = layers.Dense(64, activation="gelu")(inputs)
x = layers.Dense(64, activation="gelu")(x)
outputs = layers.Dense(1)(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(schedule), loss="mse")
model.fit(X_tr, (y_tr - m) / s, batch_size=BATCH, epochs=EPOCHS, validation_data=(X_te, (y_te - m) / s), verbose=2)
print("R2 = %.3f" % r2_score(y_te, model.predict(X_te, verbose=0).ravel() * s + m))
