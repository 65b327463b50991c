"""Three growers of wine; a few bottles were entered with an infinite value."""
import keras
import numpy as np
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(0)
wine = load_wine()
order = np.random.permutation(len(wine.data))
x, y = StandardScaler().fit_transform(wine.data)[order], wine.target[order]
x[::30, 4] = 0.0
x_train, x_val = x[:130], x[130:]
y_train, y_val = y[:130], y[130:]

model = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(3)])
model.compile(
    optimizer="adam",
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(x_train, y_train, epochs=25, batch_size=16, validation_data=(x_val, y_val), verbose=0)
