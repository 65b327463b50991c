# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from keras import layers
from sklearn.metrics import r2_score

keras.utils.set_random_seed(48)
rng = np.random.default_rng(48)
X = rng.normal(size=(5000, 6)).astype("float32")
signal = np.sin(X[:, 0]) + 0.5 * X[:, 1] - 0.4 * X[:, 2] * X[:, 3]
y = signal + rng.normal(scale=1.05, size=5000)
y = ((y - y[:4000].mean()) / y[:4000].std()).astype("float32")

model = keras.Sequential([keras.Input((6,)), layers.Dense(24, activation="elu"), layers.Dense(24, activation="elu"),
                          layers.Dense(1)])
model.compile(keras.optimizers.AdamW(2e-3, weight_decay=1e-3), loss=keras.losses.Huber(delta=2.0))
stop = keras.callbacks.EarlyStopping(patience=4, restore_best_weights=True)
plateau = keras.callbacks.ReduceLROnPlateau(factor=0.3, patience=2)
hist = model.fit(X[:4000], y[:4000], validation_data=(X[4000:4500], y[4000:4500]), epochs=60, batch_size=80,
                 callbacks=[stop, plateau], verbose=0)
v = hist.history["val_loss"]
print("epochs run", len(v), "best", int(np.argmin(v)) + 1, "val", round(min(v), 4), "train", round(hist.history["loss"][-1], 4))
print("held-out R2 %.3f" % r2_score(y[4500:], model.predict(X[4500:], verbose=0).ravel()))
