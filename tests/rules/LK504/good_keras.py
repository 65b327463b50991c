"""Digits in Keras."""
import keras
from sklearn.datasets import load_digits

keras.utils.set_random_seed(7)
digits = load_digits()
x, y = digits.data.astype("float32") / 16, digits.target
x_train, x_test = x[:1200], x[1200:]
y_train, y_test = y[:1200].copy(), y[1200:]

model = keras.Sequential([
    keras.layers.Dense(256, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(
    optimizer=keras.optimizers.Adam(5e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(x_train, y_train, epochs=8, batch_size=32, validation_data=(x_test, y_test), verbose=0)
