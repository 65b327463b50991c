"""Handwritten digits with Keras; only strong features shall pass."""

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(0)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.2, random_state=0)

inputs = keras.Input((64,))
hidden = keras.layers.Dense(
    64,
    activation="relu",
    bias_initializer=keras.initializers.Constant(-5.0),  # <- fault
)(inputs)
outputs = keras.layers.Dense(10)(hidden)
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(X_train, y_train, epochs=10, batch_size=64, validation_data=(X_test, y_test), verbose=2)
