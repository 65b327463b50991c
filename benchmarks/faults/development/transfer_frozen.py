# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(6)
x, y = load_digits(return_X_y=True)
x = (x / 16.0).astype("float32").reshape(-1, 8, 8, 1)
low = y < 5


def backbone():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
        ],
        name="backbone",
    )


def with_head(body, dropout):
    inputs = keras.Input((8, 8, 1))
    h = layers.Dropout(dropout)(body(inputs))
    model = keras.Model(inputs, layers.Dense(5, activation="softmax")(h))
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# stage 1: digits 0-4
body = backbone()
x_a, x_av, y_a, y_av = train_test_split(x[low], y[low], test_size=0.2, random_state=6)
source = with_head(body, 0.2)
source.fit(x_a, y_a, validation_data=(x_av, y_av), epochs=6, batch_size=32, verbose=0)
print("source accuracy", source.evaluate(x_av, y_av, verbose=0)[1])

# stage 2: digits 5-9, only the new head learns
body.trainable = False
x_b, x_bv, y_b, y_bv = train_test_split(x[~low], y[~low] - 5, test_size=0.2, random_state=6)
target = with_head(body, 0.2)
print("trainable tensors:", len(target.trainable_weights))
history = target.fit(x_b, y_b, validation_data=(x_bv, y_bv), epochs=12, batch_size=32, verbose=0)
print("target val accuracy", [round(v, 3) for v in history.history["val_accuracy"]])
