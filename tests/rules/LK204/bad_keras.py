"""Two classes on either side of a plane, with a cross-entropy of one's own in Keras."""
import keras
import numpy as np
from keras import ops

keras.utils.set_random_seed(0)
generator = np.random.default_rng(0)
X = 3 * generator.normal(size=(2000, 6)).astype("float32")
y = (X.sum(axis=1) > 0).astype("float32")
X_train, X_test, y_train, y_test = X[:1600], X[1600:], y[:1600], y[1600:]


def log_loss(y_true, y_pred):
    y_true = ops.reshape(y_true, (-1, 1))
    return -ops.mean(y_true * ops.log(y_pred) + (1 - y_true) * ops.log(1 - y_pred), axis=-1)  # <- fault


model = keras.Sequential(
    [keras.Input((6,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss=log_loss, metrics=["accuracy"])
model.fit(X_train, y_train, epochs=5, batch_size=32, validation_data=(X_test, y_test), verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
