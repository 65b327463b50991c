import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import layers
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale

keras.utils.set_random_seed(0)
X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(scale(X), scale(y), random_state=0)

model = keras.Sequential([keras.Input((10,)), layers.Dense(16, activation="relu"), layers.Dense(1)])
model.compile(
    optimizer=keras.optimizers.SGD(0.05),
    loss=keras.losses.MeanSquaredError(reduction="sum"),  # <- fault
)
model.fit(X_train, y_train, batch_size=32, epochs=15, validation_data=(X_test, y_test), verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
