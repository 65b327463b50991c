"""The sum of marked numbers in a long row, with Keras."""
import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)

values = rng.uniform(-1, 1, size=(1200, 60)).astype("float32")
marks = (rng.uniform(size=values.shape) < 0.1).astype("float32")
rows = np.stack([values, marks], axis=-1)
sums = (values * marks).sum(axis=1)

model = keras.Sequential([
    keras.Input((60, 2)),
    keras.layers.SimpleRNN(32, activation="relu"),
    keras.layers.Dense(1),
])
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.02, momentum=0.9, clipnorm=1.0),
    loss="mse",
)
model.fit(rows[:1000], sums[:1000], epochs=6, batch_size=32, validation_data=(rows[1000:], sums[1000:]), verbose=2)
