# fault: LK301 line 21
"""Nine hidden layers of logistic units on the 8x8 digits, as in the old textbook."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(6)
DEPTH, WIDTH = 9, 48

x, y = load_digits(return_X_y=True)
x = (x.astype("float32") - 7.8) / 6.0
x_fit, x_hold, y_fit, y_hold = train_test_split(x, y, test_size=0.2, stratify=y, random_state=6)

tower = keras.Sequential(name="tower")
tower.add(keras.Input((64,)))
for level in range(DEPTH):
    tower.add(keras.layers.Dense(WIDTH, activation="sigmoid", name=f"level_{level}"))
tower.add(keras.layers.Dense(10, activation="softmax", name="digit"))

tower.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.02, momentum=0.9),
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=["accuracy"],
)
tower.fit(x_fit, y_fit, epochs=12, batch_size=64, validation_data=(x_hold, y_hold), verbose=2)
print("held-out:", tower.evaluate(x_hold, y_hold, verbose=0, return_dict=True))
