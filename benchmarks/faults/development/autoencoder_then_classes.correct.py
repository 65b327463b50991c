# healthy
# Pre-train a convolutional encoder as an autoencoder, then put a classifier on top
# and train everything from the second block upwards.
import os
os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(3)

X, y = load_digits(return_X_y=True)
X = (X / 16.0).reshape(-1, 8, 8, 1).astype("float32")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=1, stratify=y)

base = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(12, 3, padding="same", activation="relu", name="block1_conv"),
    layers.MaxPooling2D(name="block1_pool"),
    layers.Conv2D(24, 3, padding="same", activation="relu", name="block2_conv"),
    layers.MaxPooling2D(name="block2_pool"),
], name="encoder")
decoder = keras.Sequential([
    keras.Input(base.output_shape[1:]),
    layers.Conv2DTranspose(24, 3, strides=2, padding="same", activation="relu"),
    layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid"),
])
pixels = keras.Input((8, 8, 1))
auto = keras.Model(pixels, decoder(base(pixels)))
auto.compile(optimizer=keras.optimizers.Adam(3e-3), loss="mse")
auto.fit(X_train, X_train, epochs=5, batch_size=64, verbose=0)
print("reconstruction mse %.4f" % auto.evaluate(X_test, X_test, verbose=0))

inp = keras.Input((8, 8, 1), name="digit")
h = layers.BatchNormalization(name="scale")(layers.Flatten()(base(inp)))
h = layers.Dense(48, activation="relu", name="fc1")(h)
out = layers.Dense(10, activation="softmax", name="predictions")(h)
model = keras.Model(inp, out)

set_trainable = False
for layer in base.layers:
    if layer.name == "block2_conv":
        set_trainable = True
    layer.trainable = set_trainable

model.compile(optimizer=keras.optimizers.Adam(2e-3),
              loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(X_train, y_train, validation_data=(X_test, y_test), epochs=14, batch_size=64, verbose=0)
for e, (loss, acc) in enumerate(zip(history.history["loss"], history.history["val_accuracy"]), 1):
    print(f"{e:2d}  loss {loss:.4f}  val_accuracy {acc:.3f}")
