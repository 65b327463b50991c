"""Handwritten digits, read pixel by pixel with Keras."""
import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(0)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X.reshape(-1, 64, 1) / 16, y, test_size=0.2, random_state=0)

model = keras.Sequential([
    keras.Input((64, 1)),
    keras.layers.SimpleRNN(48, activation="relu", recurrent_initializer="identity"),
    keras.layers.Dense(10),
])
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.02, momentum=0.9),  # <- fault
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(X_train, y_train, epochs=8, batch_size=32, validation_data=(X_test, y_test), verbose=2)
