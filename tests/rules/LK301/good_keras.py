"""A deep classifier of handwritten digits."""
import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16 - 0.3, y, test_size=0.2, random_state=0)

model = keras.Sequential([keras.Input((64,))])
for _ in range(6):
    model.add(keras.layers.Dense(64, activation="relu"))
model.add(keras.layers.Dense(10))

model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.05, momentum=0.9),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(X_train, y_train, epochs=12, batch_size=64, validation_data=(X_test, y_test), verbose=2)
