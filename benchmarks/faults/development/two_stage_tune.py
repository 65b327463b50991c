# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(77)
d = load_digits()
X, y = (d.images[..., None] / 16.0).astype("float32"), d.target

low = y < 5
base = keras.Sequential([
    layers.Input((8, 8, 1)),
    layers.Conv2D(16, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.Flatten(),
], name="base")
pre = keras.Sequential([layers.Input((8, 8, 1)), base, layers.Dense(5, activation="softmax")])
pre.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
pre.fit(X[low], y[low], epochs=6, batch_size=32, verbose=0)

Xt, Xv, yt, yv = train_test_split(X[~low], y[~low] - 5, test_size=0.3, random_state=2)

base.trainable = False
inp = keras.Input((8, 8, 1))
out = layers.Dense(5)(layers.Dropout(0.1)(base(inp, training=False)))
model = keras.Model(inp, out)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(3e-3), loss, metrics=["accuracy"])
model.fit(Xt, yt, epochs=10, batch_size=32, validation_data=(Xv, yv), verbose=2)
print("frozen base:", model.evaluate(Xv, yv, verbose=0)[1])

base.trainable = True
model.compile(keras.optimizers.Adam(1e-4), loss, metrics=["accuracy"])
model.fit(Xt, yt, epochs=5, batch_size=32, validation_data=(Xv, yv), verbose=2)
print("fine-tuned:", model.evaluate(Xv, yv, verbose=0)[1])
