# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.mixed_precision.set_global_policy("mixed_bfloat16")
keras.utils.set_random_seed(9)
x, y = load_digits(return_X_y=True)
x = (x.reshape(-1, 8, 8, 1) / 16.0).astype("float32")
x_tr, x_te, y_tr, y_te = train_test_split(x, y, test_size=0.2, random_state=9, stratify=y)

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Flatten(),
        layers.Dense(64),
        layers.BatchNormalization(),
        layers.Activation("relu"),
        layers.Dropout(0.3),
        layers.Dense(10, dtype="float32", activation="softmax"),
    ]
)
model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_tr, y_tr, batch_size=64, epochs=12, validation_data=(x_te, y_te), verbose=2)
print("test accuracy %.3f" % model.evaluate(x_te, y_te, verbose=0)[1])
