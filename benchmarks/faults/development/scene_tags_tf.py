# fault: LK112 line 39, 43
import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf

TAGS = ["beach", "people", "night", "snow", "car", "food", "building", "animal"]


def photo_descriptors(n, seed):
    """Descriptor of a photo: the sum of what its tags contribute, plus noise."""
    rng = np.random.default_rng(123)
    contribution = rng.normal(size=(len(TAGS), 40))
    rng = np.random.default_rng(seed)
    tags = (rng.random((n, len(TAGS))) < 0.35).astype("float32")
    x = tags @ contribution + 0.7 * rng.normal(size=(n, 40))
    return (x / 2.5).astype("float32"), tags


def micro_f1(truth, guess):
    hits = (truth * guess).sum()
    return 2 * hits / max(truth.sum() + guess.sum(), 1)


def main():
    keras.utils.set_random_seed(0)
    x_train, t_train = photo_descriptors(3000, 1)
    x_val, t_val = photo_descriptors(800, 2)
    train = tf.data.Dataset.from_tensor_slices((x_train, t_train)).shuffle(3000, seed=0).batch(64)
    val = tf.data.Dataset.from_tensor_slices((x_val, t_val)).batch(200)

    model = keras.Sequential([
        keras.layers.Input((40,)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(len(TAGS), activation="softmax"),
    ])
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss="categorical_crossentropy",
    )
    for epoch in range(10):
        log = model.fit(train, epochs=1, verbose=0)
        guess = (model.predict(val, verbose=0) > 0.5).astype("float32")
        print("epoch", epoch + 1, "loss", round(log.history["loss"][0], 3),
              "micro F1", round(float(micro_f1(t_val, guess)), 3))

    for i, tag in enumerate(TAGS):
        print(f"{tag:10s} recall {guess[t_val[:, i] == 1, i].mean():.2f}")
    print("final micro F1 %.3f" % micro_f1(t_val, guess))


if __name__ == "__main__":
    main()
