# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import keras
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(77)

# conductivity, coliforms, nitrate, iron, pressure, pH, turbidity, lead, flow, temperature
UNITS = np.array([900.0, 4.0e5, 7.0, 1500.0, 1.0e5, 0.6, 30.0, 0.02, 2.0e4, 1.0])
OFFSETS = np.array([1200.0, 9.0e5, 20.0, 4000.0, 1.0e6, 7.2, 80.0, 0.1, 6.0e4, 12.0])


def survey():
    z, state = make_classification(n_samples=2000, n_features=10, n_informative=8, n_redundant=0,
                                   n_classes=3, class_sep=1.7, flip_y=0.01, random_state=77)
    return (z * UNITS + OFFSETS).astype("float32"), state.astype("int32")


def build(x_train, n_inputs, n_states):
    scale = keras.layers.Normalization()
    scale.adapt(x_train)
    return keras.Sequential([
        keras.Input((n_inputs,)),
        scale,
        keras.layers.Dense(48, activation="relu"),
        keras.layers.Dense(24, activation="relu"),
        keras.layers.Dense(n_states, activation="softmax"),
    ])


x, state = survey()
x_train, x_val, s_train, s_val = train_test_split(x, state, test_size=0.25, stratify=state,
                                                  random_state=77)
model = build(x_train, x.shape[1], 3)
model.compile(optimizer=keras.optimizers.Adam(learning_rate=3e-3),
              loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, s_train, validation_data=(x_val, s_val), epochs=20, batch_size=64,
                    verbose=0)
for e in range(4, 20, 5):
    print(f"epoch {e + 1}: loss {history.history['loss'][e]:.3f} "
          f"val_accuracy {history.history['val_accuracy'][e]:.3f}")
print("confident answers:", float((model.predict(x_val, verbose=0).max(1) > 0.9).mean()))
