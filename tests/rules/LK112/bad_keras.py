import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import layers
from sklearn.datasets import make_multilabel_classification
from sklearn.preprocessing import scale

keras.utils.set_random_seed(0)
X, Y = make_multilabel_classification(1000, 20, n_classes=5, n_labels=2, random_state=2)
X, Y = scale(X), Y.astype("float32")

model = keras.Sequential(
    [keras.Input((20,)), layers.Dense(32, activation="relu"), layers.Dense(5, activation="softmax")]
)
model.compile(
    optimizer=keras.optimizers.Adam(0.005),
    loss="categorical_crossentropy",  # <- fault
    metrics=["binary_accuracy"],
)
model.fit(X[:800], Y[:800], batch_size=32, epochs=8, validation_data=(X[800:], Y[800:]), verbose=0)
print(model.evaluate(X[800:], Y[800:], verbose=0))
