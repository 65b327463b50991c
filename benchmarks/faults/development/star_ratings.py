# fault: LK107 line 27
import os

os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import keras
from keras import layers

NUM_STARS = 5


def load_reviews(n, seed):
    """Aspect scores of a review (already z-scored) and its stars, 1 to 5."""
    rng = np.random.default_rng(seed)
    aspects = rng.normal(size=(n, 12)).astype("float32")
    w = np.linspace(1.0, -0.4, 12)
    mood = aspects @ w + 0.8 * aspects[:, 0] * aspects[:, 1] + rng.normal(scale=0.25, size=n)
    stars = 1 + np.digitize(mood, [-2.0, -0.65, 0.65, 2.0])
    return aspects, stars


def main():
    keras.utils.set_random_seed(27)
    x_train, s_train = load_reviews(4000, 1)
    x_val, s_val = load_reviews(1000, 2)
    y_train, y_val = s_train.astype("int32"), s_val.astype("int32")

    model = keras.Sequential(
        [
            keras.Input((12,)),
            layers.Dense(64, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(NUM_STARS, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(2e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["sparse_categorical_accuracy"],
    )
    model.fit(x_train, y_train, batch_size=64, epochs=10, validation_data=(x_val, y_val), verbose=2)
    per_star = model.predict(x_val, verbose=0).argmax(-1)
    print("val accuracy:", float((per_star == y_val).mean()))


if __name__ == "__main__":
    main()
