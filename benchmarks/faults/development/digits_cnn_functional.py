# fault: LK102 line 29, 34
import os
os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(7)

# %% data
digits = load_digits()
images = (digits.images / 16.0).astype("float32")[..., None]
labels = keras.utils.to_categorical(digits.target, 10)
x_train, x_val, y_train, y_val = train_test_split(
    images, labels, test_size=0.25, random_state=7, stratify=digits.target
)
print("train", x_train.shape, "val", x_val.shape)

# %% model
inputs = keras.Input(shape=(8, 8, 1), name="pixels")
x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
x = layers.MaxPooling2D()(x)
x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
x = layers.Flatten()(x)
x = layers.Dense(64, activation="relu")(x)
outputs = layers.Dense(10, name="scores")(x)
model = keras.Model(inputs, outputs, name="digit_net")

model.compile(
    optimizer=keras.optimizers.Adam(2e-3),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)

# %% train
history = model.fit(
    x_train,
    y_train,
    validation_data=(x_val, y_val),
    epochs=10,
    batch_size=32,
    verbose=0,
)
for epoch in range(0, 10, 3):
    print(
        f"epoch {epoch:2d}",
        f"loss {history.history['loss'][epoch]:.3f}",
        f"val_acc {history.history['val_accuracy'][epoch]:.3f}",
    )

# %% evaluation
scores = model.predict(x_val, verbose=0)
hits = np.argmax(scores, axis=1) == np.argmax(y_val, axis=1)
print(f"validation accuracy: {hits.mean():.4f}")
